/** Dates of HTTP in the three forms that a recipient has to read (RFC 9110 section 5.6.7). Strict: what is no date is none. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = MONTHS.join('|');
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const FORMS = [
  new RegExp(
    String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>${MONTH}) (?<year>\d{4}) ${TIME} GMT$`,
  ),
  new RegExp(
    String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>${MONTH})-(?<year>\d\d) ${TIME} GMT$`,
  ),
  new RegExp(
    String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>${MONTH}) (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`,
  ),
];

type Part = 'day' | 'month' | 'year' | 'hour' | 'minute' | 'second';

/** Milliseconds since the epoch; undefined where it is no date. */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups as Record<Part, string> | undefined;
    if (parts !== undefined) return millisecondsOf(parts, nowMs);
  }
  return undefined;
}

function millisecondsOf(
  { day, month, year, hour, minute, second }: Record<Part, string>,
  nowMs: number,
): number | undefined {
  const years = year.length === 2 ? fullYear(Number(year), nowMs) : Number(year);
  // A leap second is the next one.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const midnight = new Date(Date.UTC(years, MONTHS.indexOf(month), Number(day)));
  if (midnight.getUTCDate() !== Number(day)) return undefined;
  return midnight.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

/** One that would be more than 50 years from now is past. */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
