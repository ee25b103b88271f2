/** Returns whether a text matches a pattern of a policy. */
export type Matcher = (text: string) => boolean;

/**
 * Returns a matcher of actions, which ignores case. Source: IAM User Guide, "IAM JSON policy
 * elements: Action".
 */
export function actionMatcher(pattern: string): Matcher {
  return compile(pattern, () => '.', 'i');
}

/**
 * Returns a matcher of resources. A wildcard stays within its segment, the part between two colons;
 * only a `*` at the end of a segment crosses colons.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource".
 */
export function resourceMatcher(pattern: string): Matcher {
  return compile(pattern, (wildcard, _before, after) =>
    wildcard === '*' && /^(:|$)/.test(after) ? '.' : '[^:]',
  );
}

/**
 * Returns a matcher of `StringLike`. Source: IAM User Guide, "IAM JSON policy elements: Condition
 * operators".
 */
export function stringMatcher(pattern: string): Matcher {
  return compile(pattern, () => '.');
}

/**
 * Returns a matcher of `ArnEquals` and `ArnLike`, which are the same: each of the six components of
 * an ARN is compared separately.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
 */
export function arnMatcher(pattern: string): Matcher {
  return compile(pattern, (_wildcard, before) => (before.split(':').length < 6 ? '[^:]' : '.'));
}

/**
 * @param standsFor the characters that a wildcard of the pattern matches, as a regular expression
 * for one character
 */
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
