import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import { constrained } from './constraints.ts';
import { parseObject } from './event-json.ts';
import { compileEventPattern, MAXIMUM_PATTERN_LENGTH } from './event-pattern.ts';

export const TestEventPattern = z.strictObject({
  EventPattern: constrained(0, MAXIMUM_PATTERN_LENGTH),
  Event: z.string(),
});

/** `TestEventPattern` requires the fields that every event has. */
const TestedEvent = z.looseObject({
  id: z.string(),
  account: z.string(),
  source: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  'detail-type': z.string(),
});

/**
 * Returns the response of `TestEventPattern`.
 * @throws {AwsError} if the pattern or the event is not valid
 */
export function testEventPattern({ EventPattern, Event: text }: z.infer<typeof TestEventPattern>): object {
  const matches = compileEventPattern(EventPattern);
  const event = TestedEvent.safeParse(parseObject(text));
  if (!event.success) throw new AwsError('ValidationException', 'Parameter Event is not valid.');
  return { Result: matches(event.data) };
}
