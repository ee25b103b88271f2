/** Whether a text is as a pattern of a policy says. */
export type Matcher = (text: string) => boolean;

/** Actions know no case. Source: IAM User Guide, "IAM JSON policy elements: Action". */
export function actionMatcher(pattern: string): Matcher {
  return compile(pattern, () => '.', 'i');
}

/**
 * A wildcard stays within its segment, the part between two colons; only a `*` that ends one goes beyond.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource".
 */
export function resourceMatcher(pattern: string): Matcher {
  return compile(pattern, (wildcard, _before, after) =>
    wildcard === '*' && /^(:|$)/.test(after) ? '.' : '[^:]',
  );
}

/** `StringLike`. Source: IAM User Guide, "IAM JSON policy elements: Condition operators". */
export function stringMatcher(pattern: string): Matcher {
  return compile(pattern, () => '.');
}

/**
 * `ArnEquals` and `ArnLike`, which are one: each of the six components of an ARN is compared for itself.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
 */
export function arnMatcher(pattern: string): Matcher {
  return compile(pattern, (_wildcard, before) => (before.split(':').length < 6 ? '[^:]' : '.'));
}

/** @param standsFor the characters, as a regular expression of one, that a wildcard of the pattern stands for */
function compile(
  pattern: string,
  standsFor: (wildcard: string, before: string, after: string) => string,
  flags = '',
): Matcher {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (character, index: number) => {
    if (character !== '*' && character !== '?') return `\\${character}`;
    const one = standsFor(character, pattern.slice(0, index), pattern.slice(index + 1));
    return character === '*' ? `${one}*` : one;
  });
  const expression = new RegExp(`^${source}$`, `s${flags}`);
  return (text) => expression.test(text);
}
