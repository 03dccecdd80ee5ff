import { keys } from '../document/keys.ts'
import { throwIfAborted } from '../errors.ts'
import type { Entry } from '../storage/store.ts'
import type { CallOptions, DumpedEntry } from './database.ts'
import { pagesOf } from './pages.ts'
import type { View } from './view.ts'

/** Some 100 KiB where entries are as large as most are, and still bearable where each is a document with an image. */
const DUMPED_AT_ONCE = 128

const LEFT_OUT = new Uint8Array(0)

/**
 * What `Database.dump` gives. It reads the storage itself, page by page, and no snapshot: that would have to keep all that writers replace meanwhile, for as long as a slow
 * reader takes.
 */
export async function* dump(store: View, { signal }: CallOptions): AsyncGenerator<DumpedEntry> {
  throwIfAborted(signal, 'a dump')
  for await (const page of pagesOf(store, {}, { largest: DUMPED_AT_ONCE })) {
    throwIfAborted(signal, 'a dump')
    for (const entry of page) yield dumped(entry)
  }
}

/** Copies: what a store gives may be what it keeps. */
function dumped({ key, value }: Entry): DumpedEntry {
  return { kind: keys.kindOf(key), key: key.slice(), value: keys.isSecret(key) ? LEFT_OUT : value.slice() }
}
