/**
 * A value as WarrenDB holds it in memory and hands it out, after it was read by its field's kind:
 *
 * | scalar | value |
 * |---|---|
 * | Boolean | boolean |
 * | Int | number where it is safe, else bigint; always within int64 |
 * | Float64, Float32 | number (Float32 rounded to 32 bits) |
 * | String, ID, Blob (hex), DateTime (RFC 3339, offset kept) | string |
 * | JSON | JSON tree of numbers, strings, booleans, null, arrays, plain objects |
 * | lists | array of the above; `null` elements only in nillable lists |
 *
 * `null` is a value of every kind.
 */
export type DocumentValue = null | boolean | number | bigint | string | readonly DocumentValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: DocumentValue
}
