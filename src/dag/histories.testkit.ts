import fc from 'fast-check'

import { STATUS_DELETED, type Commit } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { Random } from '../util/seed.testkit.ts'
import { buildCommit } from './append.ts'
import { mergeCommit } from './merge.ts'

/** One thing that one of the writers does. */
export type Step =
  | {
      readonly kind: 'write'
      readonly writer: number
      readonly values: Readonly<Record<string, DocumentValue>>
      readonly isOldSchema: boolean
    }
  | { readonly kind: 'delete'; readonly writer: number }
  /** Takes what another has, up to this share of what is lacking. */
  | { readonly kind: 'take'; readonly writer: number; readonly from: number; readonly quarters: number }

/** What some writers of one document do, each with a state of its own. */
export interface Script {
  readonly writers: number
  readonly steps: readonly Step[]
}

/** What came of it: everybody's state after everybody has taken everything, and all commits, each after its ancestors. */
export interface History {
  readonly records: readonly (DocumentRecord | undefined)[]
  readonly commits: readonly Commit[]
}

const DOC_ID = 'bae-0a1b2c3d-4e5f-5061-8273-8495a6b7c8d9'

/** Scripts of 2 to 5 writers. `values` has what may be written to each field: few values, so that ties are common. */
export function someScript(values: Readonly<Record<string, fc.Arbitrary<DocumentValue>>>, maxSteps: number): fc.Arbitrary<Script> {
  const writer = fc.nat(4)
  // A key that is left out is not there at all.
  const someValues = fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<Readonly<Record<string, DocumentValue>>>
  const write = fc.record({
    kind: fc.constant('write'),
    writer,
    values: someValues,
    isOldSchema: fc.boolean(),
  })
  const take = fc.record({ kind: fc.constant('take'), writer, from: writer, quarters: fc.integer({ min: 1, max: 4 }) })
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 10, arbitrary: write },
    { weight: 8, arbitrary: take },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), writer }) },
  )
  return fc.record({ writers: fc.integer({ min: 2, max: 5 }), steps: fc.array(step, { minLength: 3, maxLength: maxSteps, size: 'max' }) })
}

/** Carries out a script. Whoever writes to a document that it does not have creates it. */
export function play(collection: CollectionVersion, { writers, steps }: Script): History {
  const old = { ...collection, versionId: `${collection.versionId}-old` }
  const replicas = Array.from({ length: writers }, () => aReplica(collection))
  const at = (index: number): Replica => {
    const replica = replicas[index % writers]
    if (replica === undefined) throw new RangeError(`no writer ${index}`)
    return replica
  }
  let nonce = 0n
  for (const step of steps) {
    const replica = at(step.writer)
    if (step.kind === 'take') {
      replica.take(at(step.from), step.quarters / 4)
      continue
    }
    const record = replica.record()
    // Nobody writes to a document that was deleted, or deletes what is not there.
    if (record?.status === STATUS_DELETED || (record === undefined && step.kind === 'delete')) continue
    const change = step.kind === 'delete' ? step : { kind: step.kind, values: new Map(Object.entries(step.values)) }
    const version = step.kind === 'write' && step.isOldSchema ? old : collection
    replica.merge(buildCommit(version, DOC_ID, record, change, () => (nonce += 1n)))
  }
  for (const replica of replicas) for (const other of replicas) replica.take(other, 1)
  return { records: replicas.map((replica) => replica.record()), commits: at(0).commits() }
}

/** A node that applies each commit and each field block once, as it comes. */
interface Replica {
  record(): DocumentRecord | undefined
  commits(): readonly Commit[]
  /** Passes over what is here already. */
  merge(commit: Commit): void
  take(other: Replica, share: number): void
}

function aReplica(collection: CollectionVersion): Replica {
  const commits: Commit[] = []
  const applied = new Set<string>()
  let record: DocumentRecord | undefined
  const replica: Replica = {
    record: () => record,
    commits: () => commits,
    merge: (commit) => {
      if (applied.has(cidKey(commit.composite.cid))) return
      const again = commit.fields.filter(({ cid }) => applied.has(cidKey(cid))).map(({ block }) => block.delta.fieldName)
      record = mergeCommit(collection, record, commit, again)
      commits.push(commit)
      for (const { cid } of [commit.composite, ...commit.fields]) applied.add(cidKey(cid))
    },
    take: (other, share) => {
      // In the order in which the other had them, which has ancestors first; so has each beginning of it.
      const lacking = other.commits().filter(({ composite }) => !applied.has(cidKey(composite.cid)))
      lacking.slice(0, Math.ceil(lacking.length * share)).forEach(replica.merge)
    },
  }
  return replica
}

/** The state of a node that is sent these commits in this order, duplicates included. */
export function arriveAt(collection: CollectionVersion, commits: readonly Commit[]): DocumentRecord | undefined {
  const replica = aReplica(collection)
  commits.forEach(replica.merge)
  return replica.record()
}

/** A random one of the orders that have ancestors first, with some commits twice. `commits` holds the ancestors of each. */
export function someOrder(commits: readonly Commit[], random: Random): readonly Commit[] {
  const byCid = new Map(commits.map((commit) => [cidKey(commit.composite.cid), commit]))
  const ordered = new Set<Commit>()
  const visit = (commit: Commit): void => {
    if (ordered.has(commit)) return
    for (const parent of random.shuffled(commit.composite.block.heads)) {
      const found = byCid.get(cidKey(parent))
      if (found !== undefined) visit(found)
    }
    ordered.add(commit)
  }
  random.shuffled(commits).forEach(visit)
  return [...ordered].flatMap((commit, index, all) => {
    const earlier = all[random.below(index + 1)]
    return random.below(4) === 0 && earlier !== undefined ? [commit, earlier] : [commit]
  })
}
