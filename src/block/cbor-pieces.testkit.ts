import { equalBytes } from '../util/bytes.ts'
import { bytesPiece, render, type Piece, type Spelling } from '../util/pieces.testkit.ts'

/** CBOR as the pieces it is made of. Byte strings that hold CBOR are pieces too. @throws RangeError when `bytes` are not one item of canonical CBOR */
export function cborPieces(bytes: Uint8Array): Piece {
  const { piece, end } = itemAt(bytes, 0)
  if (end !== bytes.length) throw new RangeError('more than one item')
  return piece
}

/** The heads of one major type: 0 a number, 2 bytes, 3 a text, 4 a list, 5 a map. */
function cborSpelling(major: number): Spelling {
  return {
    write: (value) => (value < 24n ? Uint8Array.of((major << 5) | Number(value)) : longHead(major, value, sizeOf(value))),
    overlong: (value) => longHead(major, value, value % 2n === 0n ? 8 : nextSize(value)),
  }
}

function sizeOf(value: bigint): number {
  if (value < 0x100n) return 1
  if (value < 0x10000n) return 2
  return value < 0x100000000n ? 4 : 8
}

/** The smallest one that is too large, if there is one. */
function nextSize(value: bigint): number {
  return value < 24n ? 1 : Math.min(8, sizeOf(value) * 2)
}

/** A head with its argument in so many bytes. */
function longHead(major: number, value: bigint, size: number): Uint8Array {
  const head = new Uint8Array(1 + size)
  head[0] = (major << 5) | (24 + Math.log2(size))
  let rest = BigInt.asUintN(64, value)
  for (let index = size; index > 0; index--, rest >>= 8n) head[index] = Number(rest & 0xffn)
  return head
}

interface Item {
  readonly piece: Piece
  readonly end: number
}

function itemAt(bytes: Uint8Array, at: number): Item {
  const first = bytes[at]
  if (first === undefined) throw new RangeError('an item is missing')
  const major = first >>> 5
  const { value, start } = headAt(bytes, at)
  switch (major) {
    case 0:
    case 1:
      return { piece: { kind: 'number', value, spelling: cborSpelling(major) }, end: start }
    case 2:
    case 3: {
      const end = start + Number(value)
      if (end > bytes.length) throw new RangeError('a string does not end')
      const content = bytes.subarray(start, end)
      const inner = (major === 2 ? blockIn(content) : undefined) ?? bytesPiece(content)
      return { piece: { kind: 'parts', parts: [inner], head: { of: 'bytes', spelling: cborSpelling(major) } }, end }
    }
    case 4:
      return partsAt(bytes, start, Number(value), major, itemAt)
    case 5:
      return partsAt(bytes, start, Number(value), major, pairAt)
    case 6:
      return linkAt(bytes, at, start)
    default:
      return { piece: bytesPiece(bytes.subarray(at, start)), end: start }
  }
}

function headAt(bytes: Uint8Array, at: number): { readonly value: bigint; readonly start: number } {
  const info = (bytes[at] ?? 0) & 31
  if (info < 24) return { value: BigInt(info), start: at + 1 }
  const start = at + 1 + 2 ** (info - 24)
  if (info > 27 || start > bytes.length) throw new RangeError('a head is no head')
  return { value: bytes.subarray(at + 1, start).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), start }
}

function partsAt(bytes: Uint8Array, start: number, count: number, major: number, partAt: (bytes: Uint8Array, at: number) => Item): Item {
  const parts: Piece[] = []
  let end = start
  for (let index = 0; index < count; index++) {
    const part = partAt(bytes, end)
    parts.push(part.piece)
    end = part.end
  }
  return { piece: { kind: 'parts', parts, head: { of: 'parts', spelling: cborSpelling(major) } }, end }
}

/** A key and its value are one part of a map: so they come and go together, and twice is twice the same key. */
function pairAt(bytes: Uint8Array, at: number): Item {
  const key = itemAt(bytes, at)
  const value = itemAt(bytes, key.end)
  return { piece: { kind: 'parts', parts: [key.piece, value.piece] }, end: value.end }
}

/** A tag and a byte string with a zero and a CID in it, which are pieces of their own. */
function linkAt(bytes: Uint8Array, at: number, start: number): Item {
  const { value, start: content } = headAt(bytes, start)
  const end = content + Number(value)
  const parts = [bytesPiece(bytes.subarray(content, content + 1)), bytesPiece(bytes.subarray(content + 1, end))]
  const text: Piece = { kind: 'parts', parts, head: { of: 'bytes', spelling: cborSpelling(2) } }
  return { piece: { kind: 'parts', parts: [bytesPiece(bytes.subarray(at, start)), text] }, end }
}

/** What is in a byte string, when this is a list or a map: the blocks of a commit, and the block of a message. */
function blockIn(content: Uint8Array): Piece | undefined {
  const major = (content[0] ?? 0) >>> 5
  if (major !== 4 && major !== 5) return undefined
  try {
    const pieces = cborPieces(content)
    // Chance may spell CBOR in a way that is not that of the pieces.
    return equalBytes(render(pieces).bytes, content) ? pieces : undefined
  } catch {
    return undefined // Any bytes may begin like this.
  }
}
