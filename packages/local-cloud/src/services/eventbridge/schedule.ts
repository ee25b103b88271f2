import { AwsError } from '../../core/service.ts';

/**
 * Returns the next time after a time at which a schedule is due, both in milliseconds since the
 * epoch; `undefined` if there is none.
 */
export type Schedule = (after: number) => number | undefined;

/**
 * Compiles the schedule expression of a rule (EventBridge User Guide, "Setting a schedule pattern
 * for scheduled rules"):
 *
 * - `rate(value unit)`, with the unit in the singular only for 1;
 * - `cron(minutes hours day-of-month month day-of-week year)` in UTC, to the minute, with lists,
 *   ranges, steps and names. One of the two days is `?`. The other can be `L`, the last day of the
 *   month or of the week; `3W`, the weekday nearest to the 3rd in that month; `6L`, the last Friday
 *   of the month; or `3#2`, its second Tuesday. A range can wrap around the end of its field, as in
 *   `MON-SUN`.
 *
 * @throws {AwsError} `ValidationException` for any other expression
 */
export function compileSchedule(expression: string): Schedule {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) {
    const value = Number(rate[1]);
    if ((value === 1) === (rate[3] === 's')) invalid(expression);
    const period = value * (UNITS_MS[rate[2] ?? ''] ?? 0);
    return (after) => after + period;
  }
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().toUpperCase().split(/\s+/);
  if (fields?.length !== 6) invalid(expression);
  return compileCron(fields);
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNITS_MS: Record<string, number> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
const LAST_YEAR = 2199;

type DayTest = (date: Date) => boolean;

/** A field of a cron expression: its range, and the names of its first values. */
interface Field {
  minimum: number;
  maximum: number;
  names?: string[];
}

const DAY_OF_MONTH: Field = { minimum: 1, maximum: 31 };
const MONTH: Field = {
  minimum: 1,
  maximum: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const DAY_OF_WEEK: Field = {
  minimum: 1,
  maximum: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

function invalid(reason: string): never {
  throw new AwsError('ValidationException', `Parameter ScheduleExpression is not valid: ${reason}`);
}

function compileCron([minutes = '', hours = '', ofMonth = '', month = '', ofWeek = '', year = '']: string[]) {
  if ((ofMonth === '?') === (ofWeek === '?'))
    invalid('exactly one of day-of-month and day-of-week must be ?');
  const isDay = ofWeek === '?' ? dayOfMonth(ofMonth) : dayOfWeek(ofWeek);
  const months = numbersOf(month, MONTH);
  const years = numbersOf(year, { minimum: 1970, maximum: LAST_YEAR });
  const minutesOfHour = [...numbersOf(minutes, { minimum: 0, maximum: 59 })];
  const timesOfDay = [...numbersOf(hours, { minimum: 0, maximum: 23 })]
    .flatMap((hour) => minutesOfHour.map((minute) => (hour * 60 + minute) * MINUTE_MS))
    .sort((a, b) => a - b);
  const isOn: DayTest = (date) =>
    years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && isDay(date);
  return (after: number): number | undefined => {
    const end = Date.UTC(LAST_YEAR + 1, 0);
    for (let day = after - (after % DAY_MS); day < end; day += DAY_MS) {
      if (!isOn(new Date(day))) continue;
      const time = timesOfDay.find((candidate) => day + candidate > after);
      if (time !== undefined) return day + time;
    }
    return undefined;
  };
}

function dayOfMonth(text: string): DayTest {
  if (text === 'L') return (date) => date.getUTCDate() === lastDay(date);
  const weekday = /^(\d+)W$/.exec(text)?.[1];
  if (weekday !== undefined) {
    const day = numberOf(weekday, DAY_OF_MONTH);
    return (date) => date.getUTCDate() === nearestWeekday(date, day);
  }
  const days = numbersOf(text, DAY_OF_MONTH);
  return (date) => days.has(date.getUTCDate());
}

function dayOfWeek(text: string): DayTest {
  const special = /^(\w+)(?:L|#([1-5]))$/.exec(text);
  if (special) {
    const weekday = numberOf(special[1] ?? '', DAY_OF_WEEK);
    const isInWeek: DayTest = special[2]
      ? (date) => Math.ceil(date.getUTCDate() / 7) === Number(special[2])
      : (date) => date.getUTCDate() + 7 > lastDay(date);
    return (date) => date.getUTCDay() + 1 === weekday && isInWeek(date);
  }
  const days = numbersOf(text === 'L' ? 'SAT' : text, DAY_OF_WEEK);
  return (date) => days.has(date.getUTCDay() + 1);
}

function lastDay(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/**
 * Returns the date's `day` of the month or, if that is a Saturday or Sunday, the nearest weekday of
 * the month.
 */
function nearestWeekday(date: Date, day: number): number | undefined {
  const last = lastDay(date);
  if (day > last) return undefined;
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === last ? day - 2 : day + 1;
  return day;
}

function numbersOf(text: string, field: Field): Set<number> {
  const { minimum, maximum } = field;
  const size = maximum - minimum + 1;
  const values = text.split(',').flatMap((part) => {
    const [, first = '', last, step = '1'] = /^(\*|\w+)(?:-(\w+))?(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    const from = first === '*' ? minimum : numberOf(first, field);
    const isOpen = first === '*' || part.includes('/');
    const to = last === undefined ? (isOpen ? maximum : from) : numberOf(last, field);
    const length = Math.floor(((to - from + size) % size) / Number(step)) + 1;
    return Array.from({ length }, (_, index) => minimum + ((from - minimum + index * Number(step)) % size));
  });
  return new Set(values);
}

function numberOf(text: string, { minimum, maximum, names = [] }: Field): number {
  const index = names.indexOf(text);
  const value = index === -1 && /^\d+$/.test(text) ? Number(text) : minimum + index;
  if (value < minimum || value > maximum) invalid(`${text} must be from ${minimum} to ${maximum}`);
  return value;
}
