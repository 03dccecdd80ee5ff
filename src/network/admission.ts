import type { Replica } from '../database/replica.ts'
import { DatabaseError } from '../errors.ts'
import { decodeText, encodeText } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'
import { parsePeerAddress, parsePeerId } from './addresses.ts'
import { MAX_BLOCKED_PEERS } from './limits.ts'

/**
 * Peers this node has nothing to do with, because its user says so: those that are blocked, and with an allow-list all others but the relays. They are not dialled and not
 * taken, and nothing of theirs is merged. What they wrote may still come from a third one: a commit does not tell which node wrote it.
 */
export interface Admission {
  /** Why this node has nothing to do with a peer, in words that go on after "the peer"; `undefined` when it may. */
  refusalOf(peer: string): string | undefined
  /** Resolves once it is kept. @throws INVALID_ARGUMENT for a relay of this node, LIMIT_EXCEEDED */
  block(peer: string): Promise<void>
  /** @throws NOT_FOUND when it is not blocked, INVALID_ARGUMENT when the options block it */
  unblock(peer: string): Promise<void>
  /** IDs: those of the options first, then in the order in which they were blocked. */
  blocked(): readonly string[]
}

/** The lists of the options, read. */
export interface AdmissionLists {
  /** Absent: everybody. */
  readonly allow: ReadonlySet<string> | undefined
  readonly block: ReadonlySet<string>
}

export interface AdmissionOptions {
  readonly replica: Pick<Replica, 'setting' | 'setSetting'>
  readonly lists: AdmissionLists
  readonly isRelay: (peer: string) => boolean
  /** Called when a peer is blocked, before that is kept. */
  readonly onBlocked: (peer: string) => void
  readonly onUnblocked: (peer: string) => void
}

const SETTING = 'blocked-peers'

export async function loadAdmission({ replica, lists, isRelay, onBlocked, onUnblocked }: AdmissionOptions): Promise<Admission> {
  const kept = await replica.setting(SETTING)
  const own = new Set(kept === undefined ? [] : decodeText(kept).split('\n'))
  /** Changes take turns, so that the last one is what stays. */
  let saving: Promise<void> = Promise.resolve()

  function save(): Promise<void> {
    const saved = saving.then(() => replica.setSetting(SETTING, own.size === 0 ? undefined : encodeText([...own].join('\n'))))
    saving = saved.catch(() => {})
    return saved
  }

  return {
    refusalOf: (peer) => {
      if (own.has(peer) || lists.block.has(peer)) return 'is blocked'
      return lists.allow === undefined || lists.allow.has(peer) || isRelay(peer) ? undefined : 'is not among those that p2p.allow names'
    },
    block: (peer) => {
      refuseRelay(peer, isRelay)
      if (own.size >= MAX_BLOCKED_PEERS) {
        throw new DatabaseError(
          'LIMIT_EXCEEDED',
          `${own.size} peers are blocked, and no more can be; p2p.allow names those that may connect instead`,
          {
            limit: 'blocked peers',
            allowed: MAX_BLOCKED_PEERS,
            found: own.size + 1,
          },
        )
      }
      own.add(peer)
      // At once, also when it cannot be kept.
      onBlocked(peer)
      return save()
    },
    unblock: async (peer) => {
      if (lists.block.has(peer)) {
        const message = `the database was opened with p2p.block, which names "${peer}"; open it without`
        throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'peer', value: peer })
      }
      if (!own.delete(peer)) {
        throw new DatabaseError('NOT_FOUND', `no peer "${peer}" is blocked; p2p.blocked() lists those that are`, {
          what: 'blocked peer',
          id: peer,
        })
      }
      await save()
      onUnblocked(peer)
    },
    blocked: () => [...new Set([...lists.block, ...own])],
  }
}

/** Reads the lists of the options. @throws INVALID_ADDRESS, INVALID_ARGUMENT */
export function parseAdmissionLists(options: { readonly allow?: unknown; readonly block?: unknown }): AdmissionLists {
  const block = new Set(peersOf('p2p.block', options.block ?? []))
  const allow = options.allow === undefined ? undefined : new Set(peersOf('p2p.allow', options.allow))
  const both = [...block].find((peer) => allow?.has(peer))
  if (both === undefined) return { allow, block }
  throw new DatabaseError('INVALID_ARGUMENT', `p2p.allow and p2p.block both name "${both}"; leave it out of one of them`, {
    argument: 'p2p.block',
    value: both,
  })
}

/** A peer by its ID, or by an address that ends with it. @throws INVALID_ADDRESS */
export function parsePeerName(text: string): string {
  return text.startsWith('/') ? parsePeerAddress(text).peer : parsePeerId(text)
}

/** A relay that is blocked would be dialled for ever. @throws INVALID_ARGUMENT */
export function refuseRelay(peer: string, isRelay: (peer: string) => boolean): void {
  if (!isRelay(peer)) return
  throw new DatabaseError('INVALID_ARGUMENT', `"${peer}" is a relay of this node, which it cannot block; leave it out of p2p.relays`, {
    argument: 'peer',
    value: peer,
  })
}

function peersOf(option: string, given: unknown): readonly string[] {
  const texts: readonly unknown[] | undefined = Array.isArray(given) ? given : undefined
  if (texts?.every((text) => typeof text === 'string') === true) return texts.map(parsePeerName)
  throw new DatabaseError('INVALID_ARGUMENT', `${option} is ${quote(given)}; give a list of peer IDs, such as ["12D3KooW…"]`, {
    argument: option,
    value: given,
  })
}
