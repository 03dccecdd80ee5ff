import { describe, expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import type { Cid } from '../block/cid.ts'
import { documentId } from '../document/document-id.ts'
import type { DocumentRecord } from '../document/record.ts'
import { parseSdl } from '../schema/sdl.ts'
import { buildCommit } from './append.ts'
import { mergeCommit } from './merge.ts'
import { commitsSince } from './walk.ts'

const [collection] = parseSdl('type Note { title: String }', [])
if (collection === undefined) throw new Error('no collection')
const values = new Map([['title', 'start']])
const docId = documentId(collection, values)

/** A writer with a document of its own state, which takes commits of others. */
function aWriter(): { write(title: string): Commit; take(...commits: readonly Commit[]): void; heads(): readonly Cid[] } {
  let record: DocumentRecord | undefined
  const merge = (commit: Commit): Commit => {
    if (collection !== undefined) record = mergeCommit(collection, record, commit)
    return commit
  }
  return {
    write: (title) => {
      if (collection === undefined) throw new Error('no collection')
      return merge(buildCommit(collection, docId, record, { kind: 'write', values: new Map([['title', title]]) }, () => 0n))
    },
    take: (...commits) => commits.forEach(merge),
    heads: () => record?.heads.map((head) => head.cid) ?? [],
  }
}

function cids(commits: readonly Commit[]): readonly Cid[] {
  return commits.map((commit) => commit.composite.cid)
}

describe('the commits since some heads', () => {
  it('are all of them for somebody who has nothing, ancestors first', () => {
    const writer = aWriter()
    const history = ['start', 'b', 'c'].map((title) => writer.write(title))
    expect(commitsSince(history.toReversed(), [])).toEqual(history)
  })

  it('are those after the heads', () => {
    const writer = aWriter()
    const history = ['start', 'b', 'c', 'd'].map((title) => writer.write(title))
    expect(commitsSince(history, cids(history.slice(1, 2)))).toEqual(history.slice(2))
    expect(commitsSince(history, writer.heads())).toEqual([])
  })

  it('take in the other side of a fork, and its join', () => {
    const [a, b] = [aWriter(), aWriter()]
    const first = a.write('start')
    b.take(first)
    const [left, right] = [a.write('left'), b.write('right')]
    a.take(right)
    const join = a.write('join')
    expect(commitsSince([first, left, right, join], cids([left]))).toEqual([right, join])
    expect(a.heads()).toEqual(cids([join]))
  })

  it('are not fewer for heads that nobody here has heard of', () => {
    const writer = aWriter()
    const history = ['start', 'b'].map((title) => writer.write(title))
    const elsewhere = aWriter()
    elsewhere.take(...history)
    expect(commitsSince(history, cids([elsewhere.write('c')]))).toEqual(history)
  })
})
