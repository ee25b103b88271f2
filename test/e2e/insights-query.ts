/** The words of the query language that are used (CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax"). */
const words = [
  'fields',
  'filter',
  'sort',
  'limit',
  'stats',
  'by',
  'as',
  'asc',
  'desc',
  'and',
  'or',
  'in',
  'like',
];

/**
 * Returns the fields of log lines that a query of CloudWatch Logs Insights names, sorted: without strings, functions, the
 * names that it defines itself, and the fields that CloudWatch adds to each line.
 */
export function fieldsIn(query: string): string[] {
  const code = query.replace(/"[^"]*"/g, '""');
  const defined = [...code.matchAll(/\bas (\w+)/g)].map(([, name = '']) => name);
  const names = [...code.matchAll(/(?<![\w@.])[A-Za-z_][\w.]*(?!\s*\(|[\w.])/g)].map(([name]) => name);
  const fields = names.filter((name) => !words.includes(name) && !defined.includes(name));
  return [...new Set(fields)].sort();
}

/**
 * Returns the names of the fields of a line of JSON (CloudWatch Logs User Guide, "Supported logs and discovered fields").
 */
export function fieldsOf(line: object): string[] {
  return Object.entries(line).flatMap(([name, value]: [string, unknown]) => [
    name,
    ...(typeof value === 'object' && value !== null
      ? fieldsOf(value).map((inner) => `${name}.${inner}`)
      : []),
  ]);
}
