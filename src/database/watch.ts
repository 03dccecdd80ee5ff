import type { Advanced, LiveRequest } from '../query/live/live-request.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'
import { endingIterable } from '../util/ending-iterable.ts'
import { sameValue } from '../util/same-value.ts'
import type { Catalog } from './catalog.ts'
import { readSource } from './document-source.ts'
import type { EngineCore } from './engine.ts'
import { openLiveFeed, type LiveFeed, type TakenChanges } from './live-feed.ts'

/** The contract stands in `Database.watch`. `closing` fires when the database begins to close. */
export function watch(core: EngineCore, query: string, options: RequestOptions, closing: AbortSignal): AsyncIterable<RequestResult> {
  return endingIterable((signal) => watchResults(core, query, { ...options, signal }), [closing, options.signal])
}

/**
 * Works only while somebody waits for the next result: then it takes what was stored since the last one in one step, and so never lags behind.
 */
async function* watchResults(
  core: EngineCore,
  query: string,
  options: RequestOptions & { readonly signal: AbortSignal },
): AsyncGenerator<RequestResult, void> {
  const { signal } = options
  const feed = openLiveFeed(core, signal)
  const live = liveQuery(core, feed, query, options)
  let last: RequestResult | undefined
  try {
    while (!signal.aborted) {
      const advanced = await live.advance()
      // What was read while everything ended may be anything.
      if (signal.aborted) return
      if (advanced.kind === 'result' && (last === undefined || !sameValue(last, advanced.result))) {
        last = advanced.result
        yield last
        if (advanced.isLast) return
      } else {
        await feed.changed()
      }
    }
  } finally {
    feed.close()
  }
}

/** Brings a live request from state to state, over the catalog that holds. */
function liveQuery(core: EngineCore, feed: LiveFeed, query: string, options: RequestOptions): { advance(): Promise<Advanced> } {
  let planned: { readonly catalog: Catalog; readonly request: LiveRequest } | undefined

  /** One step from what was taken, when nothing has to be read for it. */
  async function advanceInMemory(): Promise<Advanced> {
    if (planned === undefined) return { kind: 'stale' }
    const { changes, isGap } = feed.take()
    if (isGap) {
      planned = undefined
      return { kind: 'stale' }
    }
    return planned.request.advance(changes)
  }

  /** One step to the state of a new snapshot. */
  async function advanceBySnapshot(): Promise<Advanced> {
    let start: { readonly taken: TakenChanges; readonly catalog: Catalog } | undefined
    const snapshot = await core.snapshots.open(() => {
      start = { taken: feed.take(), catalog: core.catalog() }
    })
    try {
      // `open` has called it by now, which the compiler cannot know.
      const { taken, catalog } = start ?? { taken: feed.take(), catalog: core.catalog() }
      if (planned?.catalog !== catalog || taken.isGap) planned = { catalog, request: catalog.engine().live(query, options) }
      return await planned.request.advance(
        taken.changes,
        readSource(snapshot, { overflows: core.overflows, pacer: core.pacer('a watched query', options.signal) }),
      )
    } finally {
      snapshot.release()
    }
  }

  return {
    advance: async () => {
      const first = await advanceInMemory()
      const advanced = first.kind === 'stale' ? await advanceBySnapshot() : first
      const request = planned?.request
      if (request !== undefined) feed.limitTo((collectionId) => request.reads(collectionId))
      return advanced
    },
  }
}
