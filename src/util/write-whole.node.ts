import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** Writes a file beside its place and then puts it there: it appears whole or not at all, and an old one stays until then. Rejects with what the file system or the source says. */
export async function writeWhole(
  file: string,
  pieces: AsyncIterable<string>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const unfinished = `${file}.unfinished`
  try {
    await pipeline(pieces, createWriteStream(unfinished, { flush: true }), signal === undefined ? {} : { signal })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {
      // What could not be written cannot always be removed; the first error says why.
    })
    throw error
  }
}
