import { messageOf } from '../../errors.ts'
import type { RequestResult } from '../result.ts'
import { isExpected, Tiers, type Expected, type ExpectedObject } from './expected.testkit.ts'
import type { Change } from './random-change.testkit.ts'
import { literal, type RequestText } from './request-text.testkit.ts'
import { shapeToSdl } from './shape.testkit.ts'
import type { World } from './world.testkit.ts'

/** What there was when something went wrong. */
interface Story {
  readonly world: World
  readonly written: readonly Change[]
}

interface Difference extends Story {
  readonly text: RequestText
  readonly expected: ExpectedObject
  readonly answers: readonly { readonly name: string; readonly result: RequestResult }[]
}

/** Everything that is needed to see a difference, and to make a test of it. */
export function reportDifference({ text, expected, answers, ...story }: Difference): string {
  const variables = Object.keys(text.variables).length === 0 ? [] : [`variables ${literal(text.variables)}`]
  const given = answers.flatMap(({ name, result }) => {
    const errors = (result.errors ?? []).map(({ message, path = [] }) => `  error at ${path.join('.')}: ${message}`)
    const isRight = result.errors === undefined && isExpected(result.data, expected)
    return [`${name}${isRight ? ' (as expected)' : ' (DIFFERENT)'}:`, ...errors, `  ${literal(result.data)}`]
  })
  const asked = ['request:', text.text, ...variables, 'expected:', `  ${literal(shown(expected))}`, ...given]
  return shortened(['an answer is not what the evaluator expects', ...told(story), ...asked].join('\n'))
}

/** A write that a database refused, although nothing speaks against it. */
export function reportFailedWrite({ change, error, ...story }: Story & { readonly change: Change; readonly error: unknown }): string {
  return shortened([`a write failed: ${messageOf(error)}`, ...told(story), 'the write that failed:', `  ${writtenAs(change)}`].join('\n'))
}

function told({ world, written }: Story): readonly string[] {
  const documents = [...world.documents].flatMap(([type, all]) =>
    all.map(({ docId, isDeleted, values }) => `  ${type} ${docId}${isDeleted ? ' (deleted)' : ''} ${literal(Object.fromEntries(values))}`),
  )
  const writes = written.map((change) => `  ${writtenAs(change)}`)
  return ['schema:', shapeToSdl(world.shape, { indexed: true }), 'writes:', ...writes, 'documents after them:', ...documents]
}

function writtenAs(change: Change): string {
  if (change.kind === 'create') return `create ${change.type} ${literal(change.values)}`
  const which = 'docId' in change ? change.docId : `where ${literal(change.filter)}`
  return `${change.kind} ${change.type} ${which}${'values' in change ? ` ${literal(change.values)}` : ''}`
}

/** An expectation as plain data: a tier of which the order is open says so. */
function shown(expected: Expected): unknown {
  if (expected instanceof Tiers) {
    return expected.tiers.flatMap(({ count, of }): unknown[] =>
      of.length === 1 ? of.map(shown) : [{ [`any_${count}_of`]: of.map(shown) }],
    )
  }
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return expected
  return Object.fromEntries(Object.entries(expected as ExpectedObject).map(([name, member]) => [name, shown(member)]))
}

/** The long texts of the pools as their first character, and how often it stands there. */
function shortened(text: string): string {
  return text.replaceAll(/(\w\w?)\1{40,}/g, (run: string, unit: string) => `${unit}…×${run.length / unit.length}`)
}
