import { useEffect, useState, type ReactNode } from 'react'
import { renderSVG } from 'uqr'

import { messageOf, type Database, type RelayStatus } from '../../index.browser.ts'
import { Dialog } from '../dialog.tsx'
import { sentence } from '../sentence.ts'
import { relayState } from './links.ts'

interface InviteDialogProps {
  readonly db: Database
  readonly relays: readonly RelayStatus[]
  readonly close: () => void
}

type Invitation = { readonly kind: 'link'; readonly link: string } | { readonly kind: 'failed'; readonly reason: string }

/** Shows a link that brings others to the collections of this node, and the same as a QR code. */
export function InviteDialog({ db, relays, close }: InviteDialogProps): ReactNode {
  const [invitation, setInvitation] = useState<Invitation>()
  const [copied, setCopied] = useState<'yes' | 'no'>()
  const relay = relayState(relays)
  useEffect(() => {
    let isGone = false
    const set = (made: Invitation): void => {
      if (!isGone) setInvitation(made)
    }
    db.p2p.invite().then(
      (fragment) => set({ kind: 'link', link: location.origin + location.pathname + location.search + fragment }),
      (error: unknown) => set({ kind: 'failed', reason: messageOf(error) }),
    )
    return () => {
      isGone = true
    }
    // With a relay that has just connected, others find this node.
  }, [db, relay])
  const link = invitation?.kind === 'link' ? invitation.link : undefined
  const copy = (): void => {
    if (link === undefined) return
    navigator.clipboard.writeText(link).then(
      () => setCopied('yes'),
      () => setCopied('no'),
    )
  }
  return (
    <Dialog title="Invite" action={copied === 'yes' ? 'Copied' : 'Copy the link'} submit={copy} close={close}>
      {invitation?.kind === 'failed' && <p className="wrong">{sentence(invitation.reason)}</p>}
      {link !== undefined && (
        <>
          <QrCode text={link} />
          <textarea
            className="code"
            data-testid="invite-link"
            aria-label="Link"
            rows={4}
            readOnly
            value={link}
            onFocus={({ target }) => target.select()}
          />
        </>
      )}
      {copied === 'no' && <p className="wrong">The browser does not allow to copy. Select the link and copy it.</p>}
      {isOfThisMachine() && (
        <p className="hint">
          The address of this page leads to this machine only. To invite a phone, open the page at an address that the phone can open, too.
        </p>
      )}
      {relay !== 'reserved' && <p className="hint">This node is at no relay now, so that others would not find it. Choose one first.</p>}
      <p className="hint">Whoever has the link can read and change the documents of all collections of this node, and invite others.</p>
    </Dialog>
  )
}

function QrCode({ text }: { readonly text: string }): ReactNode {
  const svg = qrCode(text)
  if (svg === undefined) return <p className="hint">The link is too long for a QR code. Copy it instead.</p>
  return (
    <img className="qr-code" data-testid="invite-qr" alt="The link as a QR code" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />
  )
}

/** `undefined` for a text that is longer than a QR code holds. */
function qrCode(text: string): string | undefined {
  try {
    return renderSVG(text, { ecc: 'L', border: 3, pixelSize: 4 })
  } catch {
    return undefined // The only thing that can be wrong with a text.
  }
}

function isOfThisMachine(): boolean {
  return location.hostname === 'localhost' || location.hostname === '[::1]' || location.hostname.startsWith('127.')
}
