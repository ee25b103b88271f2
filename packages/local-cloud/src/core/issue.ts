import type * as z from 'zod/mini';

const UNSUPPORTED = 'this value is not supported';

/**
 * Returns why a value is refused, in words for the person who wrote the value. A schema's own
 * message takes precedence.
 */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'a value is required' : `this must be ${nounOf(issue.expected)}`;
    case 'invalid_value':
      return `only ${alternatives(issue.values.map((value) => JSON.stringify(value)))} is supported`;
    case 'too_small':
      return `${bounded(issue.origin)} ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${bounded(issue.origin)} at most ${issue.maximum}`;
    case 'invalid_union':
      if (!('options' in issue) || !Array.isArray(issue.options)) return UNSUPPORTED;
      return `only ${alternatives(issue.options.map((option) => JSON.stringify(option)))} is supported`;
    default:
      return UNSUPPORTED;
  }
};

/** Returns one sentence for each property that an issue is about. */
export function sentencesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `The property ${[...issue.path, key].join('.')} is not supported.`);
  const subject = [issue.path.join('.'), quoted(issue.input)].filter(Boolean).join(' ');
  return [`${subject}${subject && ': '}${issue.message}.`];
}

/** The longest value that a sentence quotes, in characters. */
const LONGEST_QUOTE = 100;

function quoted(input: unknown): string {
  if (input === null || input === undefined || typeof input === 'object') return '';
  const text = JSON.stringify(input);
  return text.length > LONGEST_QUOTE ? '' : text;
}

const nouns: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
  tuple: 'a list',
};

function nounOf(type: string): string {
  return nouns[type] ?? type;
}

function bounded(origin: string): string {
  if (origin === 'array') return 'the number of items must be';
  return origin === 'string' ? 'the number of characters must be' : 'this must be';
}

function alternatives(values: string[]): string {
  return values.length < 2 ? values.join() : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
