import { rowWindow } from '../../flow-view/row-window.ts';

it('renders the visible rows and some around them', () => {
  expect(rowWindow(1_000, 20, 10_000, 200)).toEqual({ first: 492, end: 518 });
  expect(rowWindow(1_000, 20, 0, 200)).toEqual({ first: 0, end: 18 });
  expect(rowWindow(1_000, 20, 20_000, 200)).toEqual({ first: 992, end: 1_000 });
  expect(rowWindow(3, 20, 900, 200)).toEqual({ first: 0, end: 3 });
  expect(rowWindow(0, 20, 0, 200)).toEqual({ first: 0, end: 0 });
});
