/**
 * RFC 3339 as the data format wants it: text, with its offset as it was given and up to nine digits of a second. A `Date` would lose both, and with them the
 * document's ID.
 */
const PATTERN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

const NANOSECOND_DIGITS = 9
/** Where the fraction begins, or the offset. */
const WHOLE_SECONDS = 'yyyy-mm-ddThh:mm:ss'.length
const SECONDS_PER_DAY = 86_400

/** A moment: seconds since the epoch, and the nanoseconds after them. */
export interface Instant {
  readonly seconds: number
  readonly nanoseconds: number
}

/** `0000-01-01T00:00:00Z`, `9999-12-31T23:59:59Z` and the difference of `23:59`. */
const FIRST_UTC_SECONDS = -62_167_219_200
const LAST_UTC_SECONDS = 253_402_300_799
const LARGEST_OFFSET_SECONDS = 86_340

/** `0001-01-01T00:00:00Z`, which stands for "no time" where the format comes from. */
const NO_TIME_SECONDS = -62_135_596_800

/**
 * The text in its one spelling: no trailing zeros and at most nine digits in the fraction (more are cut off), `Z` for a zero offset. Null for the
 * first instant of the year 1, `undefined` for a text that is no date and time.
 */
export function normaliseDateTime(text: string): string | null | undefined {
  const parts = PATTERN.exec(text)
  const instant = parts === null ? undefined : instantOf(parts)
  if (parts === null || instant === undefined) return undefined
  if (instant.seconds === NO_TIME_SECONDS && instant.nanoseconds === 0) return null
  const [, , , , , , , fraction = '', sign, hours, minutes] = parts
  const digits = fraction.slice(0, NANOSECOND_DIGITS).replace(/0+$/, '')
  const offset = sign === undefined || (hours === '00' && minutes === '00') ? 'Z' : `${sign}${hours}:${minutes}`
  return `${text.slice(0, WHOLE_SECONDS)}${digits === '' ? '' : `.${digits}`}${offset}`
}

/** The moment a date and time names; `undefined` for a text that is none. */
export function parseInstant(text: string): Instant | undefined {
  const parts = PATTERN.exec(text)
  return parts === null ? undefined : instantOf(parts)
}

/** A spelling of a moment, in UTC wherever its year has four digits there. */
export function dateTimeOfInstant({ seconds, nanoseconds }: Instant): string {
  const beyond = seconds < FIRST_UTC_SECONDS ? 1 : seconds > LAST_UTC_SECONDS ? -1 : 0
  // Only an offset can have led beyond these years, and none is larger than this one.
  const local = new Date((seconds + beyond * LARGEST_OFFSET_SECONDS) * 1000).toISOString().slice(0, WHOLE_SECONDS)
  const digits = String(nanoseconds).padStart(NANOSECOND_DIGITS, '0').replace(/0+$/, '')
  return `${local}${digits === '' ? '' : `.${digits}`}${beyond === 0 ? 'Z' : beyond > 0 ? '+23:59' : '-23:59'}`
}

/**
 * By the moment, whatever the offsets. For texts in their one spelling; what is no date and time comes first, in its own order.
 */
export function compareDateTimes(a: string, b: string): number {
  if (a === b) return 0
  // Without an offset the texts sort as the moments do, but for the fraction, whose point sorts before the Z of a text without one.
  if (a.endsWith('Z') && b.endsWith('Z')) {
    return (
      compareAscii(a.slice(0, WHOLE_SECONDS), b.slice(0, WHOLE_SECONDS)) ||
      compareAscii(a.slice(WHOLE_SECONDS, -1), b.slice(WHOLE_SECONDS, -1))
    )
  }
  const left = parseInstant(a)
  const right = parseInstant(b)
  if (left !== undefined && right !== undefined) return left.seconds - right.seconds || left.nanoseconds - right.nanoseconds
  return Number(left !== undefined) - Number(right !== undefined) || compareAscii(a, b)
}

function compareAscii(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function instantOf(parts: RegExpExecArray): Instant | undefined {
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = parts
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second) }
  const offset = { hours: Number(offsetHours), minutes: Number(offsetMinutes) }
  const isValid =
    date.month >= 1 &&
    date.month <= 12 &&
    date.day >= 1 &&
    date.day <= daysInMonth(date.year, date.month) &&
    time.hour <= 23 &&
    time.minute <= 59 &&
    time.second <= 59 &&
    offset.hours <= 23 &&
    offset.minutes <= 59
  if (!isValid) return undefined
  const local = daysSinceEpoch(date.year, date.month, date.day) * SECONDS_PER_DAY + time.hour * 3600 + time.minute * 60 + time.second
  const east = (sign === '-' ? -1 : 1) * (offset.hours * 3600 + offset.minutes * 60)
  return { seconds: local - east, nanoseconds: Number(fraction.slice(0, NANOSECOND_DIGITS).padEnd(NANOSECOND_DIGITS, '0')) }
}

function daysInMonth(year: number, month: number): number {
  return daysSinceEpoch(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - daysSinceEpoch(year, month, 1)
}

/** Days of the Gregorian calendar, extended backwards. `Date.UTC` would read the years 0 to 99 as 1900 to 1999. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  // Years counted from March, so that the leap day is the last of its year: 153 days are five months from there on.
  const marchYear = month > 2 ? year : year - 1
  const marchMonth = month > 2 ? month - 3 : month + 9
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  const daysBeforeEpoch = 719_468
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - daysBeforeEpoch
}
