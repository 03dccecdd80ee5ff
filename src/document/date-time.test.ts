import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compareDateTimes, normaliseDateTime, parseInstant, type Instant } from './date-time.ts'

/** Moments of the years 0 to 9999, at any offset. */
const someMoment = fc.record({
  date: fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
  minutes: fc.integer({ min: -23 * 60, max: 23 * 60 }),
  fraction: fc.string({ unit: fc.constantFrom('0', '0', '3', '9'), maxLength: 12 }),
})

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

function print({ date, minutes, fraction }: { readonly date: Date; readonly minutes: number; readonly fraction: string }): string {
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const offset = minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(rest)}`
  return `${local}${fraction === '' ? '' : `.${fraction}`}${offset}`
}

describe('a date and time', () => {
  it('has one spelling, which names the same moment', () => {
    fc.assert(
      fc.property(someMoment, (moment) => {
        const text = print(moment)
        const normal = normaliseDateTime(text)
        expect(normal).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)$/)
        expect(normaliseDateTime(normal ?? '')).toBe(normal)
        expect(parseInstant(normal ?? '')).toEqual(parseInstant(text))
      }),
    )
  })

  it('names the moment that the platform reads from it, and the nanoseconds that it loses', () => {
    fc.assert(
      fc.property(someMoment, (moment) => {
        const instant = parseInstant(print(moment))
        expect(instant?.seconds).toBe(Math.floor(moment.date.getTime() / 1000))
        expect(instant?.nanoseconds).toBe(Number(moment.fraction.slice(0, 9).padEnd(9, '0')))
      }),
    )
  })

  it('sorts by the moment, whatever the offset', () => {
    expect(compareDateTimes('2031-05-09T08:00:00+05:00', '2031-05-09T04:00:00Z')).toBeLessThan(0)
    expect(compareDateTimes('2031-05-09T08:00:00+05:00', '2031-05-09T03:00:00Z')).toBe(0)
    expect(compareDateTimes('2031-05-09T08:00:00.000000002Z', '2031-05-09T08:00:00.000000001Z')).toBeGreaterThan(0)
    expect(compareDateTimes('2031-05-09T08:00:00.1Z', '2031-05-09T08:00:00.09Z')).toBeGreaterThan(0)
    expect(compareDateTimes('no time', '2031-05-09T08:00:00Z')).toBeLessThan(0)
    expect(compareDateTimes('2031-05-09T08:00:00Z', 'no time')).toBeGreaterThan(0)
    expect(compareDateTimes('a', 'b')).toBeLessThan(0)
  })

  it('sorts as its instant does', () => {
    const someText = someMoment.map((moment) => normaliseDateTime(print(moment)) ?? '')
    const near = fc.constantFrom('2031-05-09T08:00:00Z', '2031-05-09T08:00:00.5Z', '2031-05-09T08:00:00.25Z', '2031-05-09T10:00:00.5+02:00')
    const any = fc.oneof(someText, near)
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [left, right] = [parseInstant(a), parseInstant(b)] as [Instant, Instant]
        const expected = left.seconds - right.seconds || left.nanoseconds - right.nanoseconds
        expect(Math.sign(compareDateTimes(a, b))).toBe(Math.sign(expected))
      }),
    )
  })

  it.each([
    ['without a zone', '2031-05-09T08:07:06'],
    ['without a time', '2031-05-09'],
    ['with a space for T', '2031-05-09 08:07:06Z'],
    ['in small letters', '2031-05-09t08:07:06z'],
    ['with month 13', '2031-13-09T08:07:06Z'],
    ['with month 0', '2031-00-09T08:07:06Z'],
    ['with day 0', '2031-05-00T08:07:06Z'],
    ['with the 31st of a short month', '2031-04-31T08:07:06Z'],
    ['with a leap day in a common year', '2031-02-29T08:07:06Z'],
    ['with a leap day in a common century', '2100-02-29T08:07:06Z'],
    ['with hour 24', '2031-05-09T24:00:00Z'],
    ['with minute 60', '2031-05-09T08:60:00Z'],
    ['with a leap second', '2016-12-31T23:59:60Z'],
    ['with an offset of a day', '2031-05-09T08:07:06+24:00'],
    ['with 60 minutes of offset', '2031-05-09T08:07:06+01:60'],
    ['with an offset without minutes', '2031-05-09T08:07:06+01'],
    ['with a point and no fraction', '2031-05-09T08:07:06.Z'],
    ['with a year of five digits', '12031-05-09T08:07:06Z'],
    ['with something behind it', '2031-05-09T08:07:06Z '],
    ['of nothing', ''],
  ])('is refused %s', (_, text) => {
    expect(normaliseDateTime(text)).toBeUndefined()
    expect(parseInstant(text)).toBeUndefined()
  })

  it.each(['2000-02-29T00:00:00Z', '2028-02-29T00:00:00Z', '0000-02-29T00:00:00Z', '9999-12-31T23:59:59.999999999-23:59'])(
    'takes %s',
    (text) => {
      expect(normaliseDateTime(text)).toBe(text)
    },
  )
})
