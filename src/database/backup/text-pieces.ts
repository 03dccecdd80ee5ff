import { DatabaseError, throwIfAborted } from '../../errors.ts'
import { orAborted } from '../../util/ending-iterable.ts'

/**
 * A text of the API as pieces: bytes are read as UTF-8, which may be cut anywhere, and a byte order mark is passed over. Ends the source when it is left, and does not
 * wait for a source that stands still once the signal has fired.
 * @throws INVALID_DOCUMENT for bytes that are no UTF-8, ABORTED
 */
export async function* textPieces(
  source: string | AsyncIterable<string | Uint8Array>,
  operation: string,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const decode = pieceDecoder()
  if (typeof source === 'string') {
    yield decode(source)
    return
  }
  const iterator = source[Symbol.asyncIterator]()
  let isOver = false
  try {
    while (!isOver) {
      const next = iterator.next()
      await orAborted(next, signal)
      throwIfAborted(signal, operation)
      const { done, value } = await next
      isOver = done === true
      yield decode(done === true ? '' : value)
    }
  } finally {
    // Not awaited: a source that stands still would hold up whoever has given up on it.
    if (!isOver) iterator.return?.().catch(() => {})
  }
}

function pieceDecoder(): (piece: string | Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let isFirst = true
  return (piece) => {
    const text = typeof piece === 'string' ? decoded(decoder) + piece : decoded(decoder, piece)
    const begins = isFirst && text !== ''
    if (begins) isFirst = false
    return begins && text.startsWith('\uFEFF') ? text.slice(1) : text
  }
}

/** Without bytes, the end of those that came before. */
function decoded(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (cause) {
    throw new DatabaseError('INVALID_DOCUMENT', 'the backup is no text in UTF-8', {}, { cause })
  }
}
