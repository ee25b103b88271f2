import { architecturePicture, type Picture } from '../../flow-view/architecture-layout.ts';
import { type Arrow, allPlaces, placesTo } from '../../flow-view/picture-keys.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { ArchitectureNode } from '../../src/core/steps.ts';

const ARROWS: Arrow[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];

const node = (id: string, kind: ArchitectureNode['kind'] = 'function') => ({ id, label: id, kind });
const edge = (from: string, to: string, hop = `${from} → ${to}`) => {
  return { id: `${from} ${to} ${hop}`, from, to, label: hop, hop: parseHop(hop), faults: true };
};

const picture: Picture = architecturePicture({
  nodes: [
    node('client', 'client'),
    node('api', 'rest-api'),
    node('save'),
    node('bus', 'bus'),
    node('table', 'table'),
    node('rule', 'rule'),
    node('dead', 'queue'),
    node('notify'),
  ],
  edges: [
    edge('client', 'api'),
    edge('api', 'save'),
    edge('save', 'bus', 'save → events:PutEvents'),
    edge('save', 'table', 'save → dynamodb:PutItem'),
    edge('save', 'table', 'save → dynamodb:GetItem'),
    edge('bus', 'rule'),
    edge('rule', 'notify'),
    edge('rule', 'dead'),
    edge('notify', 'table', 'notify → dynamodb:PutItem'),
  ],
});

/** Returns the keys that the arrows reach from the first of some places. */
function reached(focusable: ReadonlySet<string>): Set<string> {
  const found = new Set([...focusable].slice(0, 1));
  for (const key of found)
    for (const arrow of ARROWS) {
      const next = placesTo(picture, key, arrow).find((place) => focusable.has(place));
      if (next !== undefined) found.add(next);
    }
  return found;
}

describe('the arrow keys in the picture', () => {
  it('follow the flow to the right, and back to the left', () => {
    expect(placesTo(picture, 'client', 'ArrowRight')).toEqual(['client>api']);
    expect(placesTo(picture, 'client>api', 'ArrowRight').slice(0, 2)).toEqual(['api', 'api>save']);
    expect(placesTo(picture, 'api>save', 'ArrowLeft').slice(0, 2)).toEqual(['api', 'client>api']);
    expect(placesTo(picture, 'api', 'ArrowLeft')).toEqual(['client>api']);
  });

  it('lead up and down among what leaves a node', () => {
    const [upper, lower] = placesTo(picture, 'save', 'ArrowRight');
    expect([upper, lower].toSorted()).toEqual(['save>bus', 'save>table']);
    expect(placesTo(picture, upper ?? '', 'ArrowDown').slice(0, 2)).toEqual([lower, 'save tables']);
    expect(placesTo(picture, lower ?? '', 'ArrowUp')[0]).toBe(upper);
  });

  it('reach everything, whether the nodes can have the focus or not', () => {
    const all = allPlaces(picture);
    const nodes = new Set(picture.nodes.map(({ key }) => key));
    expect(reached(new Set(all))).toEqual(new Set(all));
    const others = new Set(all.filter((key) => !nodes.has(key)));
    expect(reached(others)).toEqual(others);
  });

  it('lead nowhere from an unknown element', () => {
    expect(placesTo(picture, 'elsewhere', 'ArrowUp')).toEqual([]);
  });
});
