import type { Database, DatabaseEvents } from '../database/database.ts'
import type { Logger } from './logger.ts'

/** A transfer tells how far it is no more often than this. */
const PROGRESS_INTERVAL = 1000

/** Logs what an administrator wants to know of a node that runs. Ends with the database. */
export function logEvents({ events }: Pick<Database, 'events'>, net: Logger, db: Logger): void {
  const told = new Map<string, number>()

  events.addEventListener('peer:connect', ({ detail }) => {
    net.info('Connected to a peer', { PeerId: detail.id, Link: detail.link, Address: detail.addresses[0] ?? '' })
  })
  events.addEventListener('peer:disconnect', ({ detail }) =>
    net.info('Disconnected from a peer', { PeerId: detail.id, ...(detail.reason === undefined ? {} : { Reason: detail.reason }) }),
  )
  events.addEventListener('peer:dropped', ({ detail }) => net.debug('Dropped a message', { PeerId: detail.id, Reason: detail.reason }))
  events.addEventListener('peer:refused', ({ detail }) => {
    net.warn('A peer is kept off', { PeerId: detail.id, Reason: detail.reason, Until: new Date(detail.until).toISOString() })
  })
  events.addEventListener('relay:change', ({ detail }) => {
    const { address, state, lastError } = detail
    net.info('Relay', { Address: address, State: state, ...(lastError === undefined ? {} : { Error: lastError }) })
  })
  events.addEventListener('sync:progress', ({ detail }) => tellOfProgress(detail))
  events.addEventListener('replicator:change', ({ detail }) => {
    const { id, status, pending, lacking, problem } = detail
    const fields = { PeerId: id, Status: status, Pending: pending, ...(lacking.length === 0 ? {} : { Lacking: lacking }) }
    if (problem === undefined) net.info('Replicator', fields)
    else net.warn('Replicator', { ...fields, Problem: problem })
  })
  events.addEventListener('schema', ({ detail }) => db.info('Collections have changed', { Collections: detail.collections }))
  events.addEventListener('index:violation', ({ detail }) => {
    db.warn('A merge brought what a unique index keeps to one', {
      Collection: detail.collection,
      Index: detail.index,
      Documents: detail.docIDs,
    })
  })
  events.addEventListener('storage:pressure', ({ detail }) => db.warn('The storage is nearly full', { ...detail }))
  events.addEventListener('update', ({ detail }) =>
    db.debug('Updated a document', { Collection: detail.collection, DocId: detail.docID, Cid: detail.cid }),
  )
  events.addEventListener('merge', ({ detail }) => {
    net.debug('Merged a commit', { Collection: detail.collection, DocId: detail.docID, Cid: detail.cid, PeerId: detail.peer ?? '' })
  })

  function tellOfProgress({ peer, collection, done, total }: DatabaseEvents['sync:progress']): void {
    const key = `${peer} ${collection}`
    const isOver = done >= total
    const last = told.get(key)
    if (!isOver && last !== undefined && performance.now() - last < PROGRESS_INTERVAL) return
    if (isOver) told.delete(key)
    else told.set(key, performance.now())
    net.info(isOver ? 'Synced' : 'Syncing', { Collection: collection, Documents: `${done}/${total}`, PeerId: peer })
  }
}
