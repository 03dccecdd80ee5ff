import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

import type { Libp2pEvents } from '@libp2p/interface'

import { DatabaseError, messageOf } from '../src/errors.ts'
import type { Log } from './tally.ts'
import { watchFiles } from './watch-files.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  /** The certificate and those that lead from it to one that browsers know. */
  readonly certificate: string
  readonly key: string
}

/** A certificate that can be used. */
export interface TlsCertificate {
  readonly cert: string
  readonly key: string
  /** The host names it is for, without those that have a star. */
  readonly names: readonly string[]
}

/** @throws INVALID_ARGUMENT when the files cannot be read or do not belong together */
export async function readCertificate(files: TlsFiles): Promise<TlsCertificate> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')])
    createSecureContext({ cert, key })
    return { cert, key, names: namesOf(new X509Certificate(cert)) }
  } catch (error) {
    const advice = `the certificate "${files.certificate}" with the key "${files.key}" cannot be used: ${messageOf(error)}; both are PEM files, and belong together`
    throw new DatabaseError('INVALID_ARGUMENT', advice, { argument: 'tls', value: files.certificate }, { cause: error })
  }
}

function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/DNS:([^\s,*"]+)(?=,|$)/g)].flatMap(([, name]) => name ?? [])
}

/** What the library tells its listeners. */
interface Components {
  readonly events: { dispatchEvent(event: CustomEvent): boolean }
}

/** Gives a certificate to the WebSocket listeners, which speak TLS and plain on the same port then, and a new one when the files change. */
export interface TlsService {
  readonly service: (components: Components) => object
  /** To be called once the listeners are there. */
  begin(): void
  close(): void
}

export function createTls(files: TlsFiles, first: TlsCertificate, log: Log): TlsService {
  let events: Components['events'] | undefined
  let stop = (): void => {}

  function tell(type: keyof Libp2pEvents, { cert, key }: TlsCertificate): void {
    events?.dispatchEvent(new CustomEvent(type, { detail: { cert, key } }))
  }

  async function readAgain(): Promise<void> {
    try {
      tell('certificate:renew', await readCertificate(files))
      log('info', 'the TLS certificate was renewed')
    } catch (error) {
      // The two files are replaced one after the other; the second change comes.
      log('warn', `the TLS certificate stays as it was: ${messageOf(error)}`)
    }
  }

  return {
    service: (components) => {
      events = components.events
      return {}
    },
    begin: () => {
      tell('certificate:provision', first)
      stop = watchFiles([files.certificate, files.key], () => void readAgain())
    },
    close: () => stop(),
  }
}
