import { compareText } from '../util/bytes.ts'

/** A schema as far as sets are concerned: its name and the targets of its named relations, in the order of its fields. */
export interface RelatedSchema {
  readonly name: string
  readonly targets: readonly string[]
}

/**
 * Parts schemas into the sets that are hashed together. Most sets have one member; schemas that refer to each other in a circle share one.
 *
 * The rule is the data format's, step by step, and no textbook algorithm for circles gives the same sets: a schema of a circle that a later, non-circular
 * schema refers to is split off its circle, and that is in every ID made so far. Three steps:
 *
 * 1. Prune. A relation to a schema that is not (or no longer) there goes, together with every relation before it. A schema without relations goes. Repeat.
 * 2. Number. Walk the rest by name. A relation R of S that leads back to S takes R's number, else S's, else a new one; any other relation takes a new number.
 *    R gets it, whatever it had before; then walk R.
 * 3. Group all schemas by number; one without a number is a set of its own.
 */
export function schemaSets<Schema extends RelatedSchema>(schemas: readonly Schema[]): readonly (readonly Schema[])[] {
  const numbers = numberSchemas(pruneRelations(schemas))
  const sets = new Map<number | string, Schema[]>()
  for (const schema of schemas.toSorted((a, b) => compareText(a.name, b.name))) {
    const key = numbers.get(schema.name) ?? schema.name
    const set = sets.get(key)
    if (set === undefined) sets.set(key, [schema])
    else set.push(schema)
  }
  return [...sets.values()]
}

type TargetsByName = ReadonlyMap<string, readonly string[]>

function pruneRelations(schemas: readonly RelatedSchema[]): TargetsByName {
  const remaining = new Map(schemas.flatMap(({ name, targets }) => (targets.length === 0 ? [] : [[name, targets] as const])))
  for (let isStable = false; !isStable;) {
    isStable = true
    for (const [name, targets] of remaining) {
      const missing = targets.findIndex((target) => !remaining.has(target))
      if (missing < 0) continue
      isStable = false
      const rest = targets.slice(missing + 1)
      if (rest.length === 0) remaining.delete(name)
      else remaining.set(name, rest)
    }
  }
  return remaining
}

function numberSchemas(targetsByName: TargetsByName): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  const visited = new Set<string>()
  let last = 0
  const visit = (name: string): void => {
    if (visited.has(name)) return
    visited.add(name)
    for (const target of targetsByName.get(name) ?? []) {
      let number = isReachable(targetsByName, target, name) ? (numbers.get(target) ?? numbers.get(name)) : ++last
      if (number === undefined) {
        number = ++last
        numbers.set(name, number)
      }
      numbers.set(target, number)
      visit(target)
    }
  }
  for (const name of [...targetsByName.keys()].toSorted(compareText)) visit(name)
  return numbers
}

/** Whether relations lead from `start` to `goal`; a schema reaches itself only when it is the goal at once or through a circle. */
function isReachable(targetsByName: TargetsByName, start: string, goal: string): boolean {
  const seen = new Set<string>()
  const pending = [start]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === goal) return true
    if (seen.has(name)) continue
    seen.add(name)
    pending.push(...(targetsByName.get(name) ?? []))
  }
  return false
}
