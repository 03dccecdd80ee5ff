import { useEffect, useState, type ReactNode } from 'react'

import { RELAY_WORDS, relayState } from './network/links.ts'
import type { NetworkState, StorageUse } from './network/network-state.ts'
import { peerHue, PeerName, shortPeerId } from './peer-name.tsx'

interface PageHeaderProps {
  readonly network: NetworkState
  /** Address of a page that opens another node; absent where the page opens none. */
  readonly another?: string
  readonly chooseRelay?: () => void
  readonly invite?: () => void
}

/** Which node this is, and how it stands. */
export function PageHeader({ network, another, chooseRelay, invite }: PageHeaderProps): ReactNode {
  const { isOff, self, relays, storage } = network
  const relay = relayState(relays)
  return (
    <header className="page-header">
      <h1>
        <Mark /> WarrenDB <span className="faint">playground</span>
      </h1>
      {!isOff && (
        <div className="node">
          <span className="faint">this node</span>
          <span data-testid="peer-id" data-peer={self}>
            {self === undefined ? '…' : <PeerName id={self} />}
          </span>
          {self !== undefined && <CopyButton text={self} />}
        </div>
      )}
      <button
        type="button"
        className="chip"
        data-testid="relay-state"
        data-state={relay}
        title={chooseRelay === undefined ? 'The relay of this node' : 'Show or change the relay'}
        disabled={chooseRelay === undefined}
        onClick={chooseRelay}
      >
        {isOff ? 'no network' : RELAY_WORDS[relay]}
      </button>
      <Storage storage={storage} />
      {invite !== undefined && (
        <button type="button" data-testid="invite" onClick={invite}>
          Invite
        </button>
      )}
      {another !== undefined && (
        <a className="button primary" data-testid="open-another" href={another} target="_blank" rel="noopener">
          Open another node
        </a>
      )}
      {self !== undefined && <TabIdentity id={self} />}
    </header>
  )
}

function Storage({ storage }: { readonly storage: StorageUse | undefined }): ReactNode {
  if (storage === undefined) return null
  if (storage.kind === 'memory') return <span className="faint">kept in memory only</span>
  const { usedBytes, quotaBytes, persisted } = storage
  if (usedBytes === undefined) return null
  const quota = quotaBytes === undefined ? '' : `${sizeWords(quotaBytes)} available. `
  return (
    <span
      className="faint"
      data-testid="storage"
      title={`${quota}${persisted === true ? 'The browser keeps it.' : 'The browser may clear it when the disk is full.'}`}
    >
      {sizeWords(usedBytes)} stored
    </span>
  )
}

function sizeWords(bytes: number): string {
  const exponent = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1)
  const size = bytes / 1000 ** exponent
  return `${size < 10 && exponent > 0 ? size.toFixed(1) : Math.round(size)} ${UNITS[exponent]}`
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** How long the button says that it has copied. */
const COPIED_MS = 1500

function CopyButton({ text }: { readonly text: string }): ReactNode {
  const [copied, setCopied] = useState<'yes' | 'no'>()
  useEffect(() => {
    if (copied === undefined) return undefined
    const timer = setTimeout(() => setCopied(undefined), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(text).then(
      () => setCopied('yes'),
      // The browser may refuse the clipboard; the full ID can be read from the tooltip.
      () => setCopied('no'),
    )
  return (
    <button type="button" className="quiet" data-testid="copy-peer-id" aria-label="Copy the peer ID" onClick={() => void copy()}>
      {copied === undefined ? 'copy' : copied === 'yes' ? 'copied' : 'not allowed'}
    </button>
  )
}

/** A W whose corners are nodes. */
const MARK = 'M3 5 L7.5 19 L12 8 L16.5 19 L21 5'
const CORNERS = [
  [3, 5],
  [7.5, 19],
  [12, 8],
  [16.5, 19],
  [21, 5],
] as const

function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d={MARK} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" />
      {CORNERS.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r="2.4" fill="currentColor" />
      ))}
    </svg>
  )
}

/** Tells the tabs apart in the browser's tab bar: the end of the ID as the title, the node's colour as the icon. */
function TabIdentity({ id }: { readonly id: string }): ReactNode {
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="oklch(0.65 0.15 ${peerHue(id)})"/></svg>`
  useEffect(() => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(icon)}`)
  }, [icon])
  return <title>{`${shortPeerId(id)} · WarrenDB`}</title>
}
