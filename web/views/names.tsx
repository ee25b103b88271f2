import { useEffect, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';
import type { NameKind } from '../highlight.ts';
import { feedPath } from '../route.ts';

const kindNames = { person: 'Person', place: 'Place' };

/** The number of names below an excerpt. */
const namesOfExcerpt = 12;

/** The time in milliseconds within which an enrichment is usually done, many times over. */
const usualTime = 60_000;

/**
 * Shows the outcome of a post's enrichment: its people and places, why it failed, or that it is in
 * progress.
 */
export function Names({ post, isExcerpt }: { post: Post; isExcerpt: boolean }) {
  const { entities, enrichment } = post;
  // Screen readers read out an enrichment that arrives, not one that is there from the start.
  const [wasPending] = useState(!entities && !enrichment);
  const named: [NameKind, string][] = [
    ...(entities?.persons ?? []).map((name): [NameKind, string] => ['person', name]),
    ...(entities?.locations ?? []).map((name): [NameKind, string] => ['place', name]),
  ];
  const shown = isExcerpt ? named.slice(0, namesOfExcerpt) : named;
  return (
    <div class="names" aria-live={wasPending ? 'polite' : 'off'}>
      {enrichment && <p class="failed">Its people and places could not be found. {enrichment.reason}</p>}
      {!enrichment && !entities && <Pending since={post.createdAt} />}
      {entities && named.length === 0 && <p>Names no people or places.</p>}
      {shown.length > 0 && (
        <ul>
          {shown.map(([kind, name]) => (
            <li key={kind + name}>
              <a class={`chip ${kind}`} href={feedPath({ name })}>
                <Icon kind={kind} />
                <span class="visually-hidden">{kindNames[kind]}: </span>
                <bdi>{name}</bdi>
              </a>
            </li>
          ))}
          {named.length > shown.length && <li>and {named.length - shown.length} more</li>}
        </ul>
      )}
    </div>
  );
}

/** Says that the enrichment is in progress, and after a minute, that it takes unusually long. */
function Pending({ since }: { since: string }) {
  const isLate = () => Date.now() - Date.parse(since) >= usualTime;
  const [isSlow, setSlow] = useState(isLate);
  useEffect(() => {
    if (isSlow) return;
    const timer = setTimeout(() => setSlow(true), Date.parse(since) + usualTime - Date.now());
    return () => clearTimeout(timer);
  }, [since, isSlow]);
  return isSlow ? (
    <p class="pending slow">Saved. Finding its people and places takes longer than usual.</p>
  ) : (
    <p class="pending">Saved. Looking for people and places…</p>
  );
}

function Icon({ kind }: { kind: NameKind }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      {kind === 'person' ? (
        <path d="M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6a6 5 0 0 1 12 0Z" />
      ) : (
        <path d="M8 1a5 5 0 0 0-5 5c0 4 5 9 5 9s5-5 5-9a5 5 0 0 0-5-5Zm0 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4Z" />
      )}
    </svg>
  );
}
