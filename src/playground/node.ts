import { DatabaseError, isFailure, type Database, type openDatabase } from '../index.browser.ts'
import { openHttpDatabase } from '../index.http.ts'
import { listeningFetch } from './listening-fetch.ts'
import { invitationOf, serverOffer, type PageAddress } from './page-address.ts'
import { openPresence, type Presence } from './presence.ts'
import type { Watched } from './watched.ts'

/**
 * The collection that every node of the page has. Both ways of merging can be seen in it: votes add up, a title replaces the one before. The index is this
 * node's own affair: nodes with and without one share the collection.
 */
const BUILT_IN_SCHEMA = `type Note {
  title: String @index
  body: String
  done: Boolean
  votes: Int @crdt(type: pncounter)
  written: DateTime
}`

/** The node that the page shows, and what it was opened with. */
export interface OpenNode {
  readonly db: Database
  /** Whether this tab is the node, or the server of the page. */
  readonly place: 'tab' | 'server'
  readonly presence: Watched<Presence>
  /** Multiaddr of the relay it was to use, whether it could or not; empty for none. */
  readonly relay: string
  /** What was wrong with what the address of the page asked for. The node is open without it. */
  readonly refused: readonly DatabaseError[]
}

/**
 * Opens the node of this tab, or that of the server where the server is one. A wrong relay, schema or invitation in the address of the page is left out and told of: the page has to work without them.
 * @throws what `open` throws for anything else
 */
export async function openNode(open: typeof openDatabase, address: PageAddress): Promise<OpenNode> {
  const offer = await serverOffer()
  const { presence, note } = openPresence(document)
  if (offer.isNode) {
    const db = openHttpDatabase({ url: new URL('.', location.href).href, fetch: listeningFetch(document), onEvents: note })
    // Whatever is wrong shows now, and not piece by piece.
    await db.status()
    return { db, place: 'server', presence, relay: '', refused: [] }
  }
  if (!globalThis.isSecureContext) {
    throw new DatabaseError('UNSUPPORTED', `a page from http://${location.host} may not use the browser’s locks and cryptography`, {
      feature: 'insecure pages',
    })
  }
  const relay = address.relay ?? offer.relay ?? ''
  let relays = relay === '' ? [] : [relay]
  let schema = address.schema ?? ''
  let invite = invitationOf(address)
  // Whoever was invited has the types of who invites, which may have a Note of their own.
  let builtIn = invite === undefined ? BUILT_IN_SCHEMA : ''
  const refused: DatabaseError[] = []
  for (;;) {
    const types = `${builtIn}\n${schema}`.trim()
    try {
      const db = await open({
        name: 'playground',
        tabs: 'separate',
        storage: address.storage ?? 'persistent',
        ...(types === '' ? {} : { schema: types }),
        p2p: { relays, subscribe: 'all', ...(invite === undefined ? {} : { invite }) },
      })
      return { db, place: 'tab', presence, relay, refused }
    } catch (error) {
      if (isFailure(error, 'INVALID_ADDRESS') && relays.length > 0) relays = []
      else if (isFailure(error, 'INVALID_SCHEMA') && schema !== '') schema = ''
      else if (invite !== undefined && (isFailure(error, 'INVALID_ARGUMENT') || isFailure(error, 'ALREADY_EXISTS'))) {
        invite = undefined
        builtIn = BUILT_IN_SCHEMA
      } else if (isFailure(error, 'ALREADY_EXISTS') && schema !== '') schema = ''
      else if (isFailure(error, 'ALREADY_EXISTS') && builtIn !== '') {
        // A Note of other fields came with an invitation once, and serves as well.
        builtIn = ''
        continue
      } else throw error
      refused.push(error)
    }
  }
}
