import { fieldsIn, fieldsOf } from './insights-query.ts';

it.each([
  ['fields @timestamp, a_b, error.name | sort a_b desc', ['a_b', 'error.name']],
  ['filter level = "ERROR" or ispresent(Time)', ['Time', 'level']],
  ['fields coalesce(a, b, "c d") as kind | stats count(*) as lines by @log, kind | limit 20', ['a', 'b']],
])('the fields in %s', (query, fields) => {
  expect(fieldsIn(query)).toEqual(fields);
});

it('the fields of a line, as CloudWatch discovers them', () => {
  expect(fieldsOf({ a: 1, b: { c: 'x', d: { e: null } } })).toEqual(['a', 'b', 'b.c', 'b.d', 'b.d.e']);
});
