import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'

import { collectionSdl, type CollectionVersion, type Database } from '../index.browser.ts'
import { Documents } from './documents/documents.tsx'
import { openEventLog, type EventLog } from './event-log.ts'
import { EventList } from './event-list.tsx'
import { GraphqlBox } from './graphql/graphql-box.tsx'
import { ExplainDialog } from './network/explain-dialog.tsx'
import { InviteDialog } from './network/invite-dialog.tsx'
import { Joined } from './network/joined.tsx'
import { openNetworkState, type OpenNetworkState } from './network/network-state.ts'
import { Peers } from './network/peers.tsx'
import { RelayDialog } from './network/relay-dialog.tsx'
import type { OpenNode } from './node.ts'
import { invitationOf, printPageAddress, type PageAddress } from './page-address.ts'
import { PageHeader } from './page-header.tsx'
import { sentence } from './sentence.ts'
import { useWatched } from './watched.ts'

interface AppProps {
  readonly node: OpenNode
  readonly address: PageAddress
}

/** The page of an open node. */
export function App({ node, address }: AppProps): ReactNode {
  const { db } = node
  const network = useOpened(openNetworkState, db)
  const log = useOpened(openEventLog, db)
  return network === undefined || log === undefined ? null : <OpenPage node={node} address={address} network={network} log={log} />
}

interface OpenPageProps extends AppProps {
  readonly network: OpenNetworkState
  readonly log: EventLog
}

function OpenPage({ node, address, network, log }: OpenPageProps): ReactNode {
  const { db, place, presence, relay, refused } = node
  const isTab = place === 'tab'
  const state = useWatched(network)
  const entries = useWatched(log)
  const { isAway, returns } = useWatched(presence)
  const versions = useVersions(db, returns)
  const collections = useMemo(() => versions.filter(({ isActive, isEmbeddedOnly }) => isActive && !isEmbeddedOnly), [versions])
  const isClosed = useClosed(db)
  useEffect(() => {
    if (returns > 0) network.refresh()
  }, [network, returns])
  const [chosen, choose] = useState<string>()
  const [isRelayShown, showRelay] = useState(false)
  const [isInviteShown, showInvite] = useState(false)
  const [explained, showExplained] = useState<string>()
  const current = collections.find(({ name }) => name === chosen) ?? collections.find(({ name }) => name === 'Note') ?? collections[0]
  const others = isTab
    ? {
        another: location.pathname + location.search + printPageAddress(addressOfAnother(address, versions)),
        chooseRelay: () => showRelay(true),
      }
    : {}

  return (
    <>
      <PageHeader network={state} {...others} {...(isTab ? { invite: () => showInvite(true) } : {})} />
      {refused.map((failure) => (
        <p key={failure.code} className="banner wrong" role="alert" data-testid="refused" data-code={failure.code}>
          {sentence(failure.message)}
          <span className="hint">The address of this page asks for it. The node is open without it.</span>
        </p>
      ))}
      {isTab && refused.every(({ code }) => code !== 'INVALID_ARGUMENT' && code !== 'ALREADY_EXISTS') && (
        <Joined db={db} invitation={invitationOf(address)} peers={state.peers} />
      )}
      {isAway && (
        <p className="banner wrong" role="alert" data-testid="away">
          The node does not answer: it has stopped, or cannot be reached.
          <span className="hint">What is shown is what it said last. The page goes on by itself when the node is back.</span>
        </p>
      )}
      {isTab && isClosed && (
        <p className="banner wrong" role="alert" data-testid="closed">
          This node has stopped. Reload the page to open it again.
        </p>
      )}
      <main>
        <div className="column">
          <Documents db={db} collections={collections} current={current} choose={choose} returns={returns} />
          {current !== undefined && <GraphqlBox key={current.versionId} db={db} collection={current} />}
        </div>
        <div className="column">
          <Peers network={state} {...others} explain={(peer = '') => showExplained(peer)} />
          <EventList entries={entries} />
        </div>
      </main>
      <footer>
        {isTab
          ? 'This tab is a node of its own: its documents are in this browser, and go to other nodes directly.'
          : 'This page shows the node that serves it, over its HTTP API.'}{' '}
        Try <code>warren.db</code> in the console.
      </footer>
      {explained !== undefined && <ExplainDialog db={db} peer={explained} close={() => showExplained(undefined)} />}
      {isInviteShown && <InviteDialog db={db} relays={state.relays} close={() => showInvite(false)} />}
      {isRelayShown && (
        <RelayDialog
          relays={state.relays}
          address={relay}
          failure={refused.find(({ code }) => code === 'INVALID_ADDRESS')?.message}
          use={(wanted) => goTo({ ...address, relay: wanted })}
          close={() => showRelay(false)}
        />
      )}
    </>
  )
}

/** What follows the node for as long as the page shows it. */
function useOpened<T extends { close(): void }>(open: (db: Database) => T, db: Database): T | undefined {
  const [opened, setOpened] = useState<T>()
  useEffect(() => {
    const current = open(db)
    setOpened(current)
    return () => current.close()
  }, [open, db])
  return opened
}

/** All versions of all collections, now, whenever they change, and when that may have been missed. */
function useVersions(db: Database, returns: number): readonly CollectionVersion[] {
  const [versions, setVersions] = useState<readonly CollectionVersion[]>([])
  const read = useCallback(async () => setVersions(await db.collections.describe({ includeInactive: true })), [db])
  useEffect(() => {
    // A database that is closed has nothing to describe; the page says that it is closed.
    const changed = (): void => void read().catch(() => undefined)
    db.events.addEventListener('schema', changed)
    changed()
    return () => db.events.removeEventListener('schema', changed)
  }, [db, read, returns])
  return versions
}

function useClosed(db: Database): boolean {
  const [isClosed, setClosed] = useState(false)
  useEffect(() => {
    const closed = (): void => setClosed(true)
    db.events.addEventListener('close', closed)
    return () => db.events.removeEventListener('close', closed)
  }, [db])
  return isClosed
}

/** A node with the same relay and collections as this one. */
function addressOfAnother(address: PageAddress, versions: readonly CollectionVersion[]): PageAddress {
  const added = new Set(versions.map(({ name }) => name).filter((name) => name !== 'Note'))
  const { schema: _, ...rest } = address
  return added.size === 0 ? rest : { ...rest, schema: collectionSdl(versions, [...added]) }
}

/** The node is opened with what the address asks for, so another relay means another load of the page. */
function goTo(address: PageAddress): void {
  location.hash = printPageAddress(address)
  location.reload()
}
