import { documentOf, isDocumentCommit } from '../block/replicated-commit.ts'
import { DatabaseError } from '../errors.ts'
import type { SubscriptionRequest } from '../query/live/subscription-request.ts'
import { failedResult } from '../query/request/make-result.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'
import type { SourceDocument } from '../query/source.ts'
import { endingIterable, orAborted } from '../util/ending-iterable.ts'
import type { Catalog } from './catalog.ts'
import { readSource } from './document-source.ts'
import type { EngineCore } from './engine.ts'
import type { Snapshot } from './snapshot.ts'
import type { WrittenCommit } from './write-documents.ts'

/** The contract stands in `Database.subscribe`. `closing` fires when the database begins to close. */
export function subscribe(core: EngineCore, request: string, options: RequestOptions, closing: AbortSignal): AsyncIterable<RequestResult> {
  return endingIterable((signal) => subscriptionResults(core, request, { ...options, signal }), [closing, options.signal])
}

/** Changes and results that may wait for a reader who is slower than the writers: some megabytes. */
const MOST_WAITING = 10_000

async function* subscriptionResults(
  core: EngineCore,
  request: string,
  options: RequestOptions & { readonly signal: AbortSignal },
): AsyncGenerator<RequestResult, void> {
  const { signal } = options
  const queue = openQueue(core, request, options)
  try {
    while (!signal.aborted) {
      const next = queue.take()
      if (next === undefined) {
        if (queue.isOver()) return
        await queue.changed()
      } else {
        yield next
      }
    }
  } finally {
    queue.close()
  }
}

/** The results of a subscription that nobody has taken yet. */
interface ResultQueue {
  take(): RequestResult | undefined
  /** Nothing follows what is waiting. */
  isOver(): boolean
  /** Resolves when there may be something to take, or when the signal fires. */
  changed(): Promise<void>
  close(): void
}

type Waiting =
  /** The documents of one write, and the state it led to where more of that is needed. */
  | {
      readonly kind: 'write'
      readonly request: Extract<SubscriptionRequest, { kind: 'ready' }>
      readonly documents: readonly SourceDocument[]
      readonly snapshot: Promise<Snapshot> | undefined
    }
  /** What comes last. */
  | { readonly kind: 'end'; readonly result: RequestResult }

/** Opens a queue of the results of everything that is written from now on. It ends when it is closed, or when the signal fires. */
function openQueue(core: EngineCore, text: string, options: RequestOptions & { readonly signal: AbortSignal }): ResultQueue {
  const { signal } = options
  const waiting: Waiting[] = []
  const results: RequestResult[] = []
  let waitingDocuments = 0
  let isOver = false
  let working: Promise<void> | undefined
  let changed = Promise.withResolvers<void>()
  let planned = plan(core.catalog())

  function plan(catalog: Catalog): { readonly catalog: Catalog; readonly request: SubscriptionRequest } {
    return { catalog, request: catalog.engine().subscription(text, options) }
  }

  function add(next: Waiting): void {
    waiting.push(next)
    if (next.kind === 'end') close()
    working ??= Promise.resolve().then(work)
  }

  function give(result: RequestResult): void {
    results.push(result)
    changed.resolve()
    changed = Promise.withResolvers()
  }

  /** Makes results as soon as it can, since each write that waits may hold a snapshot. Never rejects. */
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (next.kind === 'write') {
        await showWrite(next)
      } else {
        isOver = true
        give(next.result)
      }
    }
    working = undefined
  }

  async function showWrite({ request, documents, snapshot: opening }: Extract<Waiting, { kind: 'write' }>): Promise<void> {
    const snapshot = await opening
    const source =
      snapshot === undefined ? undefined : readSource(snapshot, { overflows: core.overflows, pacer: core.pacer('a subscription', signal) })
    for (const document of documents) {
      const result = signal.aborted ? undefined : await request.show(document, source)
      waitingDocuments -= 1
      if (result !== undefined) give(result)
    }
    snapshot?.release()
  }

  const unlisten = core.onWritten((written) => {
    if (planned.catalog !== core.catalog()) planned = plan(core.catalog())
    const { request } = planned
    if (request.kind === 'failed') {
      add({ kind: 'end', result: request.result })
      return
    }
    const documents = lastStates(written, request.collectionId)
    if (documents.length === 0) return
    if (waitingDocuments + results.length >= MOST_WAITING) {
      add({ kind: 'end', result: tooSlow() })
      return
    }
    waitingDocuments += documents.length
    add({ kind: 'write', request, documents, snapshot: request.needsSource ? core.snapshots.open() : undefined })
  })

  function close(): void {
    unlisten()
    signal.removeEventListener('abort', close)
  }
  // Not every reader comes back to be told of the end.
  signal.addEventListener('abort', close)
  if (planned.request.kind === 'failed') add({ kind: 'end', result: planned.request.result })

  return {
    take: () => results.shift(),
    isOver: () => isOver,
    changed: () => orAborted(changed.promise, signal),
    // Whatever waits still is passed over, since the signal has fired, and its snapshots are released.
    close,
  }
}

/** The documents of a collection that a write has changed, each as the write left it, in the order of their last changes. */
function lastStates(written: readonly WrittenCommit[], collectionId: string): readonly SourceDocument[] {
  const states = new Map<string, SourceDocument>()
  for (const { collection, commit, record } of written) {
    if (collection.collectionId !== collectionId || record === undefined || !isDocumentCommit(commit)) continue
    const docId = documentOf(commit)
    states.delete(docId)
    states.set(docId, { docId, record })
  }
  return [...states.values()]
}

function tooSlow(): RequestResult {
  const message = `the subscription has ended: ${MOST_WAITING} results were waiting for its reader; read faster, subscribe to less, or watch a query instead`
  return failedResult(new DatabaseError('ABORTED', message, { operation: 'a subscription' }))
}
