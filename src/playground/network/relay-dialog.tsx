import { useId, useState, type ReactNode } from 'react'

import type { RelayStatus } from '../../index.browser.ts'
import { Dialog } from '../dialog.tsx'
import { sentence } from '../sentence.ts'
import { RELAY_WORDS } from './links.ts'

interface RelayDialogProps {
  readonly relays: readonly RelayStatus[]
  /** The relay the page was asked to use; empty for none. */
  readonly address: string
  /** What was wrong with it, if something was. */
  readonly failure: string | undefined
  readonly use: (address: string) => void
  readonly close: () => void
}

/** Shows the relay and asks for another one. */
export function RelayDialog({ relays, address, failure, use, close }: RelayDialogProps): ReactNode {
  const [wanted, setWanted] = useState(address)
  const fieldId = useId()
  return (
    <Dialog title="Relay" action={wanted.trim() === '' ? 'Use none' : 'Use this relay'} close={close} submit={() => use(wanted.trim())}>
      {relays.map((relay) => (
        <p key={relay.address} data-testid="relay" data-state={relay.state}>
          <strong>{sentence(RELAY_WORDS[relay.state])}</strong>
          {relay.known > 0 && `, which knows ${relay.known === 1 ? 'one other node' : `${relay.known} other nodes`}`}
          {relay.lastError !== undefined && relay.state === 'waiting' && <span className="wrong">: {relay.lastError}</span>}
        </p>
      ))}
      <label htmlFor={fieldId}>Address of the relay</label>
      <textarea
        id={fieldId}
        className="code"
        data-testid="relay-input"
        rows={3}
        spellCheck={false}
        placeholder="/ip4/127.0.0.1/tcp/9190/ws/p2p/12D3KooW…"
        value={wanted}
        onChange={({ target }) => setWanted(target.value)}
      />
      {failure !== undefined && <p className="wrong">{sentence(failure)}</p>}
      <p className="hint">
        Nodes find each other at a relay. It sees who is there, never what they say. <code>npx warrendb-relay</code> starts one and prints
        its address. Leave empty for none.
      </p>
    </Dialog>
  )
}
