import type { Index, Table } from 'dynalite/db/index.js';
import type { DocumentPath } from './expressions/document-path.ts';
import type { Expressions } from './expressions/request-expressions.ts';
import { refuseNestedKeys } from './keys.ts';
import { validationError } from './validation-error.ts';

interface Selection extends Expressions {
  IndexName?: string;
  Select?: string;
}

/** Throws if the filter of a query has a key that the query has used, or an attribute that its index lacks. */
export function refuseKeyFilter(request: Selection, table: Table): void {
  const paths = request.filter?.paths ?? [];
  refuseNestedKeys(paths, table);
  const index = indexOf(request, table);
  const key = (index ?? table).KeySchema.find(({ AttributeName }) =>
    paths.some(([name]) => name === AttributeName),
  );
  if (key)
    throw validationError(
      'Filter Expression can only contain non-primary key attributes: ' +
        `Primary key attribute: ${key.AttributeName}`,
    );
  const missing = index ? missingIn(index, table, paths) : [];
  if (missing.length > 0)
    throw validationError(
      'One or more parameter values were invalid: ' +
        `Secondary index ${index?.IndexName} does not project one or more filter attributes: [${missing.join(', ')}]`,
    );
}

/** Throws if a query or a scan cannot return what it selects. */
export function refuseSelection(request: Selection, table: Table): void {
  const { Select, projection, filter } = request;
  if (Select === 'SPECIFIC_ATTRIBUTES' && !projection)
    throw validationError(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && !request.IndexName)
    throw validationError('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  if (Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES' && projection)
    throw validationError(
      `Cannot specify the ProjectionExpression when choosing to get ${Select === 'COUNT' ? 'only the Count' : Select}`,
    );
  const paths = projection?.paths ?? [];
  refuseNestedKeys([...paths, ...(filter?.paths ?? [])], table);
  const index = indexOf(request, table);
  const missing = index ? missingIn(index, table, paths) : [];
  if (missing.length > 0)
    throw validationError(
      'One or more parameter values were invalid: ' +
        `Global secondary index ${index?.IndexName} does not project [${missing.join(', ')}]`,
    );
}

function indexOf({ IndexName }: Selection, table: Table): Index | undefined {
  return table.GlobalSecondaryIndexes?.find((index) => index.IndexName === IndexName);
}

/** Returns the attributes of paths that an index does not contain. */
function missingIn({ KeySchema, Projection }: Index, table: Table, paths: readonly DocumentPath[]): string[] {
  if (Projection.ProjectionType === 'ALL') return [];
  const keys = [...KeySchema, ...table.KeySchema].map(({ AttributeName }) => AttributeName);
  const contained = new Set([...keys, ...(Projection.NonKeyAttributes ?? [])]);
  const names = new Set(paths.map(([name]) => String(name)));
  return [...names].filter((name) => !contained.has(name));
}
