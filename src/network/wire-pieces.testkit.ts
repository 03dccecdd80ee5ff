import { encodeText } from '../util/bytes.ts'
import { bytesPiece, type Piece, type Spelling } from '../util/pieces.testkit.ts'
import { oneIn, pick, someBytes, someLength, someText } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'
import type { MessageTable } from './messages.ts'
import { decodeWith, WireReader, type Codec } from './wire.ts'

/** Gives a value for a member of a message, where any bytes would say too little; `undefined` leaves it to chance. A list's items have its name. */
export type Filling = (member: string, random: Random) => Uint8Array | number | undefined

/** A valid value as its pieces. It follows from the codec's shape alone, so every codec has one. */
export function wirePieces({ shape }: Pick<Codec<unknown>, 'shape'>, random: Random, filling: Filling = leaveToChance): Piece {
  return somePieces(parseShape(shape), random, { filling, name: '', depth: 0 })
}

/** A valid message of a table, of this name or any. */
export function messagePieces<Bodies>(
  table: MessageTable<Bodies>,
  random: Random,
  filling: Filling = leaveToChance,
  name: keyof Bodies = pick(Object.keys(table) as (keyof Bodies)[], random),
): Piece {
  const { id, body } = table[name]
  return { kind: 'parts', parts: [bytesPiece(Uint8Array.of(id)), wirePieces(body, random, filling)] }
}

/** A message that somebody has encoded, as its pieces. `open` takes apart what its byte strings hold. @throws when it is none */
export function piecesOfMessage<Bodies>(table: MessageTable<Bodies>, message: Uint8Array, open: (bytes: Uint8Array) => Piece): Piece {
  const entry = (Object.keys(table) as (keyof Bodies)[]).map((name) => table[name]).find(({ id }) => id === message[0])
  if (entry === undefined) throw new RangeError(`no message has the number ${message[0]}`)
  return { kind: 'parts', parts: [bytesPiece(message.subarray(0, 1)), piecesOfValue(entry.body, message.subarray(1), open)] }
}

/** The same of a value. */
export function piecesOfValue(codec: Codec<unknown>, bytes: Uint8Array, open: (bytes: Uint8Array) => Piece = bytesPiece): Piece {
  decodeWith(codec, bytes)
  return piecesRead(parseShape(codec.shape), new WireReader(bytes), open)
}

function piecesRead(shape: Shape, reader: WireReader, open: (bytes: Uint8Array) => Piece): Piece {
  switch (shape.kind) {
    case 'uint':
      return { kind: 'number', value: BigInt(reader.uint()), spelling: UINT }
    case 'fixed':
      return bytesPiece(reader.bytes(shape.most))
    case 'bytes':
    case 'text':
      return sized(open(reader.bytes(reader.uint())))
    case 'list': {
      const parts = Array.from({ length: reader.uint() }, () => piecesRead(shape.item, reader, open))
      return { kind: 'parts', parts, head: { of: 'parts', spelling: UINT } }
    }
    case 'record':
      return { kind: 'parts', parts: shape.members.map(([, inner]) => piecesRead(inner, reader, open)) }
  }
}

function leaveToChance(): undefined {
  return undefined
}

/** LEB128. */
const UINT: Spelling = {
  write: leb128,
  overlong: (value) => {
    const bytes = leb128(value)
    return Uint8Array.from([...bytes.slice(0, -1), (bytes.at(-1) ?? 0) | 0x80, ...(value % 2n === 0n ? [0] : [0x80, 0x80, 0])])
  },
}

function leb128(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(rest)])
}

/** What the words of a codec's shape say. */
type Shape =
  | { readonly kind: 'uint' | 'fixed' | 'bytes' | 'text'; readonly most: number }
  | { readonly kind: 'list'; readonly item: Shape; readonly most: number }
  | { readonly kind: 'record'; readonly members: readonly (readonly [name: string, shape: Shape])[] }

/** @throws RangeError for a codec that is not known here: it needs a line in `Shape` and in `somePieces` */
function parseShape(text: string): Shape {
  let rest = text

  function take(pattern: RegExp): string {
    const [taken] = pattern.exec(rest) ?? []
    if (taken === undefined) throw new RangeError(`nothing is known of the codec "${rest}" in "${text}"`)
    rest = rest.slice(taken.length)
    return taken
  }

  function next(): Shape {
    if (rest.startsWith('{')) return record()
    const word = take(/^\w+\(/)
    if (word === 'list(') {
      const item = next()
      take(/^,/)
      return { kind: 'list', item, most: bound() }
    }
    const kind = (['uint', 'fixed', 'bytes', 'text'] as const).find((known) => word === `${known}(`)
    if (kind === undefined) throw new RangeError(`nothing is known of the codec "${word}" in "${text}"`)
    return { kind, most: bound() }
  }

  function bound(): number {
    const most = Number(take(/^\d+/))
    take(/^\)/)
    return most
  }

  function record(): Shape {
    const members: [string, Shape][] = []
    take(/^\{/)
    while (!rest.startsWith('}')) {
      const name = take(/^\w+/)
      take(/^:/)
      members.push([name, next()])
      if (!rest.startsWith('}')) take(/^,/)
    }
    take(/^\}/)
    return { kind: 'record', members }
  }

  const shape = next()
  take(/^$/)
  return shape
}

interface Place {
  readonly filling: Filling
  /** The name of the member. */
  readonly name: string
  /** Lists that this is in: the longest ones are rare within others. */
  readonly depth: number
}

function somePieces(shape: Shape, random: Random, place: Place): Piece {
  const { filling, name, depth } = place
  const given = filling(name, random)
  switch (shape.kind) {
    case 'uint':
      return { kind: 'number', value: BigInt(typeof given === 'number' ? given : someNumber(shape.most, random)), spelling: UINT }
    case 'fixed':
      return bytesPiece(bytesOf(given, shape.most) ?? someBytes(shape.most, random))
    case 'bytes':
      return sized(bytesPiece(bytesOf(given) ?? someBytes(someLength(shape.most, random), random)))
    case 'text':
      return sized(bytesPiece(bytesOf(given) ?? encodeText(someText(shape.most, random))))
    case 'list': {
      const count = Math.min(shape.most, oneIn(100 * 8 ** depth, random) ? pick([shape.most, random.below(1000)], random) : random.below(5))
      const parts = Array.from({ length: count }, () => somePieces(shape.item, random, { ...place, depth: depth + 1 }))
      return { kind: 'parts', parts, head: { of: 'parts', spelling: UINT } }
    }
    case 'record':
      return { kind: 'parts', parts: shape.members.map(([member, inner]) => somePieces(inner, random, { ...place, name: member })) }
  }
}

function someNumber(most: number, random: Random): number {
  return Math.min(most, pick([0, 1, random.below(200), random.below(2 ** 32), most], random))
}

function bytesOf(given: Uint8Array | number | undefined, length?: number): Uint8Array | undefined {
  return given instanceof Uint8Array && (length === undefined || given.length === length) ? given : undefined
}

function sized(content: Piece): Piece {
  return { kind: 'parts', parts: [content], head: { of: 'bytes', spelling: UINT } }
}
