import type { Entity, EntityType } from '@aws-sdk/client-comprehend';
import type { Entities } from '../../model/post.ts';

/** The group of each of Comprehend's types, the most important group first. */
const groups = [
  ['locations', 'LOCATION'],
  ['persons', 'PERSON'],
  ['organizations', 'ORGANIZATION'],
  ['commercialItems', 'COMMERCIAL_ITEM'],
  ['events', 'EVENT'],
  ['dates', 'DATE'],
  ['quantities', 'QUANTITY'],
  ['titles', 'TITLE'],
  ['others', 'OTHER'],
] as const satisfies [keyof Entities, EntityType][];

const minScore = 0.8;
const maxNamesInGroup = 100;
const maxNameLength = 200;
const maxBytes = 24_000;

/**
 * Groups the entities that Comprehend's `DetectEntities` found. Names are in order of first
 * mention, without duplicates and surrounding punctuation. Names that exceed the maximum size of a
 * post's entities, as JSON, are dropped from the end, locations and persons last.
 */
export function entitiesFromComprehend(found: Entity[]): Entities {
  const mentions = found
    .filter(({ Score = 0 }) => Score >= minScore)
    .sort((a, b) => (a.BeginOffset ?? 0) - (b.BeginOffset ?? 0));
  let entities: Entities = { locations: [], persons: [] };
  for (const [group, type] of groups) {
    for (const name of namesOf(mentions.filter((mention) => mention.Type === type))) {
      const more = { ...entities, [group]: [...(entities[group] ?? []), name] };
      if (Buffer.byteLength(JSON.stringify(more)) > maxBytes) return entities;
      entities = more;
    }
  }
  return entities;
}

function namesOf(mentions: Entity[]): string[] {
  const names = mentions.flatMap(({ Text = '' }) => bareName(Text) ?? []);
  return [...new Set(names)].filter((name) => [...name].length <= maxNameLength).slice(0, maxNamesInGroup);
}

/**
 * Returns the text from its first to its last character that is neither punctuation nor white
 * space.
 */
function bareName(text: string): string | undefined {
  return text.match(/[^\p{P}\s](?:.*[^\p{P}\s])?/su)?.[0];
}
