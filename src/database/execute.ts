import { isFailure } from '../errors.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'
import { readSource, writeSource } from './document-source.ts'
import type { Session } from './session.ts'
import type { WrittenCommit } from './write-documents.ts'

/**
 * Runs a GraphQL request. A query reads one state. A mutation is one write: all of its changes are stored together, or none when any part of it failed.
 */
export async function execute(session: Session, request: string, options?: RequestOptions): Promise<RequestResult> {
  const tools = { overflows: session.overflows, pacer: session.pacer('a request', options?.signal) }
  if (session.catalog().engine().operationKind(request, options) !== 'mutation') {
    return session.read((view, catalog) => catalog.engine().execute(request, readSource(view, tools), options))
  }
  let result: RequestResult | undefined
  try {
    await session.write(
      {
        name: 'a mutation',
        body: async (view, catalog, vectors) => {
          const written: WrittenCommit[] = []
          result = await catalog
            .engine()
            .execute(request, writeSource(view, written, { ...tools, catalog, vectors, randomness: session.randomness }), options)
          if (result.errors !== undefined) throw new RolledBack()
          return written
        },
      },
      options?.signal,
    )
  } catch (error) {
    if (error instanceof RolledBack) return { ...result, data: null }
    if (!isFailure(error)) throw error
    return { data: null, errors: [{ message: error.message, extensions: { code: error.code } }] }
  }
  return result ?? { data: null }
}

/** Leaves the write without storing anything; the reason stands in the result already. */
class RolledBack extends Error {}
