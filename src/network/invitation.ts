import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

import { sha256 } from '../block/sha256.ts'
import { DatabaseError, isFailure, messageOf } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { DIALECT_NAMES, type DialectName } from '../schema/dialect-name.ts'
import { parseSdl } from '../schema/sdl.ts'
import { base64UrlToBytes, bytesToBase64Url } from '../util/base64url.ts'
import { concatBytes, equalBytes } from '../util/bytes.ts'
import { parsePeerAddress, parseRelayAddress, relaysOf, type PeerAddress, type RelayAddress } from './addresses.ts'
import { MAX_INTERESTS, MAX_INVITATION_CHARACTERS, MAX_INVITED_NESTING } from './limits.ts'
import { INVITATION, INVITATION_VERSION, type InvitationBody } from './messages.ts'
import { decodeWith, encodeWith } from './wire.ts'

/**
 * What whoever joins needs of a node: how it is found, and what it has. As text it is a URL fragment, `#invite=` and base64url of
 *
 *     version (1 byte) | body, `INVITATION` in `messages.ts` | the first 4 bytes of the SHA2-256 of both
 *
 * so that it fits into a link and a QR code, and one that was cut off or mistyped is told from one that is wrong. Whoever holds it knows the room secret.
 */
export interface Invitation {
  readonly relays: readonly RelayAddress[]
  /** The ID of the node that invites. */
  readonly peer: string
  /** Where it can be dialled without a relay. */
  readonly addresses: readonly PeerAddress[]
  /** Empty for none. */
  readonly room: string
  readonly dialect: DialectName
  readonly sdl: string
  /** What the SDL makes. */
  readonly versions: readonly CollectionVersion[]
  /** Names of the collections to subscribe to, all of them in the SDL. */
  readonly collections: readonly string[]
}

/** What is written of it. */
export interface InvitationContent {
  /** Complete addresses; of one relay the best first. */
  readonly relays: readonly Multiaddr[]
  readonly peer: string
  readonly addresses: readonly Multiaddr[]
  readonly room: string
  readonly dialect: DialectName
  readonly sdl: string
  readonly collections: readonly string[]
}

const CHECK_BYTES = 4
const NAME = 'invite'

/** Whether a text is meant as an invitation, not as an address. Its `#` may be missing: a shell takes it for the beginning of a comment. */
export function isInvitation(text: string): boolean {
  return new RegExp(`(?:^|#|#.*&)${NAME}=`, 's').test(text)
}

/** The fragment, with its `#`. @throws LIMIT_EXCEEDED when it is longer than others read */
export function printInvitation({ relays, peer, addresses, room, dialect, sdl, collections }: InvitationContent): string {
  const body: InvitationBody = {
    relays: relays.map((relay) => relay.bytes),
    peer: multiaddr(`/p2p/${peer}`).bytes,
    addresses: addresses.map((address) => address.decapsulate(`/p2p/${peer}`).bytes),
    room,
    dialect: DIALECT_NAMES.indexOf(dialect),
    sdl,
    collections,
  }
  let checked: Uint8Array
  try {
    checked = concatBytes(Uint8Array.of(INVITATION_VERSION), encodeWith(INVITATION, body))
  } catch (error) {
    if (!isFailure(error, 'INVALID_MESSAGE')) throw error
    throw tooLong(`an invitation cannot hold this: ${error.message}`, sdl.length)
  }
  const printed = `#${NAME}=${bytesToBase64Url(concatBytes(checked, checkOf(checked)))}`
  if (printed.length > MAX_INVITATION_CHARACTERS) {
    throw tooLong(`the invitation would have ${printed.length} characters, and ${MAX_INVITATION_CHARACTERS} are allowed`, printed.length)
  }
  return printed
}

/**
 * Reads an invitation: a fragment, or a whole URL that ends with one. Everything in it is checked, whoever wrote it.
 * @throws INVALID_ARGUMENT saying what is wrong with it. The text is not part of the error: it holds the room secret.
 */
export function parseInvitation(text: unknown): Invitation {
  const code = codeOf(text)
  if (!/^[\w-]*$/.test(code)) throw invalid('it has characters that no invitation has; copy the whole link, and nothing else')
  const whole = base64UrlToBytes(code) ?? new Uint8Array()
  const checked = whole.subarray(0, -CHECK_BYTES)
  if (whole.length <= CHECK_BYTES || !equalBytes(checkOf(checked), whole.subarray(-CHECK_BYTES))) {
    throw invalid('it was cut off or mistyped; copy the whole link')
  }
  if (checked[0] !== INVITATION_VERSION) {
    throw invalid(
      `it is of version ${checked[0]}, and this program reads version ${INVITATION_VERSION}; use the same program on both sides`,
    )
  }
  try {
    return opened(decodeWith(INVITATION, checked.subarray(1)))
  } catch (error) {
    throw invalid(messageOf(error), error)
  }
}

function codeOf(text: unknown): string {
  if (typeof text !== 'string') throw invalid(`it is ${text === null ? 'null' : `a ${typeof text}`}; give the text that p2p.invite() makes`)
  const fragment = text.slice(text.lastIndexOf('#') + 1).trim()
  if (fragment.length > MAX_INVITATION_CHARACTERS) {
    throw invalid(`it has ${fragment.length} characters, and ${MAX_INVITATION_CHARACTERS} are allowed`)
  }
  const part = fragment.split('&').find((candidate) => candidate.startsWith(`${NAME}=`))
  if (part === undefined || !isInvitation(text.trim()))
    throw invalid(`there is no "#${NAME}=" in it; copy the whole link that p2p.invite() made`)
  return part.slice(NAME.length + 1)
}

function opened({ relays, peer, addresses, room, dialect, sdl, collections }: InvitationBody): Invitation {
  const end = multiaddr(peer)
  const inviter = parsePeerAddress(end.toString()).peer
  if (end.getComponents().length !== 1) throw new TypeError('the ID of who invites is an address')
  const dialectName = DIALECT_NAMES[dialect] ?? '0.19'
  checkNesting(sdl)
  const versions = sdl === '' ? [] : parseSdl(sdl, [], { dialect: dialectName })
  if (versions.length > MAX_INTERESTS) throw new RangeError(`it has ${versions.length} types, and ${MAX_INTERESTS} are allowed`)
  // Documents would be sent to whatever address the invitation names.
  if (versions.some(({ fields }) => fields.some(({ embedding }) => embedding !== undefined))) {
    throw new TypeError('a type of it has "@embedding", which an invitation cannot bring')
  }
  const unknown = collections.find((name) => !versions.some((version) => version.name === name && !version.isEmbeddedOnly))
  if (unknown !== undefined) throw new TypeError(`it has no type for its collection "${unknown}"`)
  return {
    relays: relaysOf(relays.map((relay) => parseRelayAddress(multiaddr(relay).toString()))),
    peer: inviter,
    addresses: addresses.map((address) => parsePeerAddress(multiaddr(address).encapsulate(end).toString())),
    room,
    dialect: dialectName,
    sdl,
    versions,
    collections: [...new Set(collections)],
  }
}

/** Parsers of GraphQL go into what is nested by calling themselves. */
function checkNesting(sdl: string): void {
  let depth = 0
  for (const character of sdl) {
    if ('[{('.includes(character)) depth++
    if (']})'.includes(character)) depth--
    if (depth > MAX_INVITED_NESTING) throw new RangeError(`its schema is nested more than ${MAX_INVITED_NESTING} levels deep`)
  }
}

function checkOf(checked: Uint8Array): Uint8Array {
  return sha256(checked).subarray(0, CHECK_BYTES)
}

function invalid(fault: string, cause?: unknown): DatabaseError {
  const message = `the invitation cannot be read: ${fault}`
  return new DatabaseError('INVALID_ARGUMENT', message, { argument: NAME }, cause === undefined ? {} : { cause })
}

function tooLong(message: string, found: number): DatabaseError {
  return new DatabaseError('LIMIT_EXCEEDED', `${message}; name fewer collections: p2p.invite({ collections: […] })`, {
    limit: 'invitation',
    allowed: MAX_INVITATION_CHARACTERS,
    found,
  })
}
