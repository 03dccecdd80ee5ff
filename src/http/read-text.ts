import { DatabaseError, messageOf, throwIfAborted } from '../errors.ts'

/** The body of a request, which is read no further than it may be long. @throws LIMIT_EXCEEDED, INVALID_ARGUMENT for what is no UTF-8, ABORTED */
export async function readText(request: Request, maxBytes: number, signal: AbortSignal): Promise<string> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxBytes) throw tooLong(maxBytes, announced)
  if (request.body === null) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const pieces: string[] = []
  let length = 0
  try {
    for await (const piece of request.body) {
      throwIfAborted(signal, 'a request')
      length += piece.length
      if (length > maxBytes) throw tooLong(maxBytes, length)
      pieces.push(decoder.decode(piece, { stream: true }))
    }
    pieces.push(decoder.decode())
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new DatabaseError('INVALID_ARGUMENT', `the body is no UTF-8 text: ${messageOf(error)}`, { argument: 'body' }, { cause: error })
  }
  return pieces.join('')
}

function tooLong(allowed: number, found: number): DatabaseError {
  const message = `the body has ${found.toLocaleString('en')} bytes or more, allowed are ${allowed.toLocaleString('en')}; send it in several requests`
  return new DatabaseError('LIMIT_EXCEEDED', message, { limit: 'body bytes', allowed, found })
}
