import { fittingZoom, zoomed } from '../../flow-view/zoom.ts';

describe('the zoom of the picture', () => {
  it('goes in and out within limits', () => {
    expect(zoomed(zoomed(1, 'in'), 'out')).toBeCloseTo(1);
    expect(zoomed(4, 'in')).toBe(4);
    expect(zoomed(0.25, 'out')).toBe(0.25);
  });

  it('fits a high picture by its height, and never enlarges one', () => {
    const canvas = { width: 1_000, height: 500 };
    expect(fittingZoom({ width: 1_000, height: 1_000 }, canvas)).toBe(0.5);
    expect(fittingZoom({ width: 2_000, height: 500 }, canvas)).toBe(1);
    expect(fittingZoom({ width: 10, height: 10 }, { width: 0, height: 0 })).toBe(1);
  });
});
