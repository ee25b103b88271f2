import { rowAfterKey, rowWindow } from '../../flow-view/row-window.ts';

it('renders the visible rows and some around them', () => {
  expect(rowWindow(1_000, 20, 10_000, 200)).toEqual({ first: 492, end: 518 });
  expect(rowWindow(1_000, 20, 0, 200)).toEqual({ first: 0, end: 18 });
  expect(rowWindow(1_000, 20, 20_000, 200)).toEqual({ first: 992, end: 1_000 });
  expect(rowWindow(3, 20, 900, 200)).toEqual({ first: 0, end: 3 });
  expect(rowWindow(0, 20, 0, 200)).toEqual({ first: 0, end: 0 });
});

describe('the keyboard', () => {
  it.each([
    ['ArrowDown', 3, 4],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 0, 0],
    ['PageDown', 3, 8],
    ['PageUp', 3, 0],
    ['Home', 3, 0],
    ['End', 3, 9],
    ['a', 3, undefined],
  ])('%s moves the focus from row %i to row %i', (key, row, next) => {
    expect(rowAfterKey(key, row, 10, 5)).toBe(next);
  });

  it('moves nothing in an empty list', () => {
    expect(rowAfterKey('End', 0, 0, 5)).toBeUndefined();
  });
});
