import { linkTo, selectionOf } from '../../flow-view/selection.ts';

describe('what the address selects', () => {
  it('is what a link says', () => {
    const selection = { trace: 'a&b=c', step: 7, connection: 'create>Posts', tab: 'queues' } as const;
    expect(selectionOf(linkTo(selection))).toEqual(selection);
  });

  it('is the newest trace unless it says otherwise', () => {
    expect(selectionOf('')).toEqual({ tab: 'traces' });
    expect(selectionOf('#tab=nowhere&step=one&trace=')).toEqual({ tab: 'traces' });
    expect(selectionOf('#trace=t&step=')).toEqual({ trace: 't', tab: 'traces' });
  });
});
