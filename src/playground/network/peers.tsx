import type { ReactNode } from 'react'

import type { PeerStatus, RelayStatus } from '../../index.browser.ts'
import { PeerName } from '../peer-name.tsx'
import { LINK_WORDS, relayState, roundTripWords } from './links.ts'
import type { NetworkState, Progress } from './network-state.ts'

interface PeersProps {
  readonly network: NetworkState
  /** Address of a page that opens another node; absent where the page opens none. */
  readonly another?: string
  readonly chooseRelay?: () => void
  /** Says why a peer is connected as it is; without one, asks for it. */
  readonly explain: (peer?: string) => void
}

/** Who is connected, and how. */
export function Peers({ network, explain, ...others }: PeersProps): ReactNode {
  const { isOff, peers, relays, progress } = network
  return (
    <section className="card" aria-labelledby="peers-title">
      <header>
        <h2 id="peers-title">Peers</h2>
        {!isOff && (
          <span className="count" data-testid="peer-count">
            {peers.length}
          </span>
        )}
        {!isOff && (
          <button type="button" className="quiet" data-testid="explain" onClick={() => explain()}>
            Find out about a peer
          </button>
        )}
      </header>
      {isOff ? (
        <p className="hint" data-testid="network-off">
          This node was started without network (<code>--no-p2p</code>): it meets nobody. Everything else works.
        </p>
      ) : peers.length === 0 ? (
        <NoPeers relays={relays} {...others} />
      ) : (
        <ul className="peers" data-testid="peers">
          {peers.map((peer) => (
            <Peer key={peer.id} peer={peer} progress={progress.get(peer.id)} explain={() => explain(peer.id)} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface PeerProps {
  readonly peer: PeerStatus
  readonly progress: Progress | undefined
  readonly explain: () => void
}

function Peer({ peer, progress, explain }: PeerProps): ReactNode {
  const link = LINK_WORDS[peer.link]
  return (
    <li data-testid="peer" data-peer={peer.id} data-link={peer.link} data-in-sync={peer.inSync}>
      <div className="peer-line">
        <PeerName id={peer.id} />
        <button
          type="button"
          className={link.isDirect ? 'link direct' : 'link'}
          title={`Connected ${link.long}. Click to see how.`}
          data-testid="explain-peer"
          onClick={explain}
        >
          {link.short}
        </button>
        <span className="round-trip" title="Round trip">
          {roundTripWords(peer)}
        </span>
      </div>
      <div className="peer-line faint">
        <span>
          {progress === undefined
            ? peer.inSync
              ? 'in sync'
              : 'syncing…'
            : `${progress.done} of ${progress.total} in ${progress.collection}`}
        </span>
        <span>{peer.collections.length === 0 ? 'no collection in common' : peer.collections.join(', ')}</span>
      </div>
      {progress !== undefined && <progress aria-label={`Sync of ${progress.collection}`} value={progress.done} max={progress.total} />}
      {peer.dropped > 0 && (
        <p className="wrong">
          {peer.dropped === 1 ? 'One message was' : `${peer.dropped} messages were`} dropped: {peer.lastDropped ?? 'against the rules'}.
        </p>
      )}
    </li>
  )
}

interface NoPeersProps {
  readonly relays: readonly RelayStatus[]
  readonly another?: string
  readonly chooseRelay?: () => void
}

function NoPeers({ relays, another, chooseRelay }: NoPeersProps): ReactNode {
  const chooser =
    chooseRelay === undefined ? (
      'start it with --relays'
    ) : (
      <button type="button" className="inline" onClick={chooseRelay}>
        choose a relay
      </button>
    )
  switch (relayState(relays)) {
    case 'none':
      return (
        <p className="hint">Nodes find each other at a relay, and this one has none. Everything else works; to meet others, {chooser}.</p>
      )
    case 'waiting':
      return (
        <p className="hint">
          The relay does not answer, so new nodes cannot be found. Everything else works, and it is tried again and again. Is it running?
          Otherwise {chooser}.
        </p>
      )
    case 'connecting':
    case 'connected':
      return <p className="hint">Calling the relay…</p>
    case 'reserved':
      return (
        <p className="hint">
          Nobody else is here yet.
          {another !== undefined && (
            <>
              {' '}
              <a href={another} target="_blank" rel="noopener">
                Open another node
              </a>{' '}
              and watch it come in.
            </>
          )}
        </p>
      )
  }
}
