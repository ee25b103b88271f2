import { linkTo, selectionOf } from '../../flow-view/selection.ts';

describe('the selection of the address', () => {
  it('is the one that a link contains', () => {
    const selection = {
      trace: 'a&b=c',
      step: 7,
      connection: 'create>Posts',
      node: 'Posts',
      tab: 'queues',
    } as const;
    expect(selectionOf(linkTo(selection))).toEqual(selection);
    expect(selectionOf(linkTo({ tab: 'inbox', mail: 'm&1' }))).toEqual({ tab: 'inbox', mail: 'm&1' });
  });

  it('is the newest trace by default', () => {
    expect(selectionOf('')).toEqual({ tab: 'traces' });
    expect(selectionOf('#tab=nowhere&step=one&trace=')).toEqual({ tab: 'traces' });
    expect(selectionOf('#trace=t&step=')).toEqual({ trace: 't', tab: 'traces' });
  });
});
