import { expect } from 'vitest'

/**
 * Compares the results that nodes gave to one request with what a scenario expects. Besides plain values it may hold
 * - `{ $anyOf: [...] }`: one of these
 * - `{ $docIDOf: { collection, doc } }`: the ID of a document of the scenario
 * - `{ $matcher: 'same' }`: what all nodes give at this place
 * - `{ $matcher: 'unique' }`: what a node gives at no other such place
 * - `{ $all: [...] }`: each of these
 *
 * A member that is expected nowhere must be null. Lists must have the expected order.
 */
export function expectResults(
  actual: readonly unknown[],
  expected: unknown,
  docId: (collection: number, document: number) => string,
): void {
  const first = new Map<string, unknown>()
  for (const result of actual) {
    const context: Context = { docId, first, seen: new Set() }
    compare(result, expected, '', context)
  }
}

interface Context {
  readonly docId: (collection: number, document: number) => string
  /** What the first node gave, by place. */
  readonly first: Map<string, unknown>
  /** Unique values of this node so far. */
  readonly seen: Set<unknown>
}

function compare(actual: unknown, expected: unknown, place: string, context: Context): void {
  if (Array.isArray(expected)) {
    expect(Array.isArray(actual) ? actual.length : actual, `length of ${place}`).toBe(expected.length)
    expected.forEach((item, index) => compare(Array.isArray(actual) ? actual[index] : undefined, item, `${place}/${index}`, context))
  } else if (!isObject(expected)) {
    expect(actual ?? null, place).toEqual(expected)
  } else if (Object.keys(expected).some((name) => name.startsWith('$'))) {
    match(actual, expected, place, context)
  } else {
    if (!isObject(actual)) return expect.fail(`${place} is ${JSON.stringify(actual)} and no object`)
    for (const [name, item] of Object.entries(expected)) compare(actual[name], item, `${place}/${name}`, context)
    const others = Object.entries(actual).filter(([name, value]) => !(name in expected) && value !== null)
    expect(others, `members of ${place} that are not expected`).toEqual([])
  }
}

function match(actual: unknown, matcher: Readonly<Record<string, unknown>>, place: string, context: Context): void {
  const { $all: all, $anyOf: choices, $docIDOf: document, $matcher: name } = matcher
  if (Array.isArray(all)) {
    for (const one of all) compare(actual, one, place, context)
  } else if (Array.isArray(choices)) {
    expect(choices, place).toContainEqual(actual)
  } else if (isObject(document)) {
    expect(actual, place).toBe(context.docId(Number(document['collection']), Number(document['doc'])))
  } else if (name === 'same') {
    if (!context.first.has(place)) context.first.set(place, actual)
    expect(actual, `${place}, compared with the first node`).toBe(context.first.get(place))
  } else if (name === 'unique') {
    expect([...context.seen], `values beside ${place}`).not.toContain(actual)
    context.seen.add(actual)
  } else {
    throw new Error(`${place}: ${JSON.stringify(matcher)} is no known expectation`)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
