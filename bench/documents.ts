/** The document of every subject: seven fields, about 200 bytes as JSON. */
export interface Person {
  readonly name: string
  readonly email: string
  readonly age: number
  readonly verified: boolean
  readonly points: number
  readonly city: string
  readonly bio: string
}

export const COLLECTION = 'Person'

/** `age` has an index because the yardstick has one. */
export const PERSON_FIELDS: string = `
  name: String
  email: String
  age: Int @index
  verified: Boolean
  points: Float
  city: String
  bio: String`

export const SCHEMA: string = `type ${COLLECTION} {${PERSON_FIELDS}\n}`

export const FIELDS: readonly (keyof Person)[] = ['name', 'email', 'age', 'verified', 'points', 'city', 'bio']

export const CITIES: readonly string[] = ['Lisbon', 'Nairobi', 'Osaka', 'Quito', 'Reykjavik', 'Tallinn', 'Valparaiso', 'Wellington']
const WORDS = [
  'keeps',
  'bees',
  'mends',
  'old',
  'radios',
  'walks',
  'far',
  'reads',
  'maps',
  'bakes',
  'bread',
  'sails',
  'sings',
  'plants',
  'trees',
]

/** Ages go from 18 to 97, evenly. */
export const AGES: { readonly from: number; readonly to: number } = { from: 18, to: 97 }
/** Points go from 0 to this, evenly, in quarters. */
export const MOST_POINTS = 2_500

/** The person of this number: the same at every call, and another than that of any other number. */
export function person(number: number): Person {
  const random = scatter(number)
  const id = String(number).padStart(6, '0')
  const words = Array.from({ length: 14 }, (_, index) => WORDS[scatter(number * 31 + index) % WORDS.length] ?? '')
  return {
    name: `Person ${id}`,
    email: `person.${id}@example.org`,
    age: AGES.from + (random % (AGES.to - AGES.from + 1)),
    verified: random % 3 === 0,
    points: (scatter(random) % (MOST_POINTS * 4)) / 4,
    city: CITIES[scatter(random + 1) % CITIES.length] ?? '',
    bio: words.join(' '),
  }
}

/** `count` people with the numbers from `first`. */
export function people(first: number, count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => person(first + index))
}

/** Whether two people have the same fields; both may have more. */
export function isSamePerson(a: Person, b: Person | undefined): boolean {
  return b !== undefined && FIELDS.every((field) => a[field] === b[field])
}

/** A whole number that looks random but follows from `number` (the finalizer of MurmurHash3). */
function scatter(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
