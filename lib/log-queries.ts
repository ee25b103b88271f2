/** A query for operators, in the query language of CloudWatch Logs Insights. */
export interface LogQuery {
  readonly name: string;
  readonly text: string;
  /** The descriptions of the values that the operator fills in, by their names in the text. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * The queries that the stack saves. Their fields are those of the lines that handlers log.
 * `errorType` is that of an error that a handler throws, which Lambda logs.
 */
export const logQueries: readonly LogQuery[] = [
  {
    name: 'The path of a post',
    text: `fields @timestamp, @log, level, message, revision, TimeToPush, delivered, gone, failed, error.message
| filter correlation_id = "{{postId}}"
| sort @timestamp asc`,
    parameters: { postId: 'The ID of the post' },
  },
  {
    name: 'The slowest posts',
    text: `fields @timestamp, correlation_id, TimeToPush
| filter ispresent(TimeToPush)
| sort TimeToPush desc
| limit 20`,
  },
  {
    name: 'Errors by kind',
    text: `fields coalesce(error.name, errorType, "no error") as kind
| filter level = "ERROR" or level = "CRITICAL"
| stats count(*) as lines, count_distinct(correlation_id) as ids, latest(@timestamp) as newest by @log, kind, message
| sort lines desc`,
  },
];
