import type { Random } from './seed.testkit.ts'

/**
 * An encoding as the pieces it is made of: what changes an encoding knows where its parts begin, and which of its numbers speak of other parts. The bytes follow
 * from the pieces, so that a part that is taken out leaves a right count behind, unless the count is told to lie.
 */
export type Piece = BytesPiece | NumberPiece | PartsPiece

export interface BytesPiece {
  readonly kind: 'bytes'
  readonly bytes: Uint8Array
}

export interface NumberPiece {
  readonly kind: 'number'
  readonly value: bigint
  readonly spelling: Spelling
  readonly isOverlong?: boolean
}

export interface PartsPiece {
  readonly kind: 'parts'
  readonly parts: readonly Piece[]
  readonly head?: Head
  /** Of the one who made the pieces, for whatever has to find this one again when others have changed. */
  readonly mark?: string
}

/** What stands in front of some parts and says how much follows. */
export interface Head {
  readonly of: 'parts' | 'bytes'
  readonly spelling: Spelling
  /** Says something else than the truth; `rest` is the number of all bytes that follow. */
  readonly lie?: (truth: bigint, rest: bigint) => bigint
  readonly isOverlong?: boolean
}

/** How a format writes a number. */
export interface Spelling {
  /** Numbers that do not fit are written as far as they do. */
  write(value: bigint): Uint8Array
  /** The same number with more bytes than it needs; the right spelling where there is no other. */
  overlong(value: bigint): Uint8Array
}

export function bytesPiece(bytes: Uint8Array): BytesPiece {
  return { kind: 'bytes', bytes }
}

/** An encoding, with the places at which its pieces begin. */
export interface Rendered {
  readonly bytes: Uint8Array
  readonly boundaries: readonly number[]
}

/** The bytes of a piece. */
export function render(piece: Piece): Rendered {
  // From the end to the beginning: in front of each head it is known what follows.
  const chunks: Uint8Array[] = []
  const ends: number[] = []
  let length = 0

  function put(chunk: Uint8Array): void {
    chunks.push(chunk)
    length += chunk.length
  }

  function write(part: Piece): void {
    switch (part.kind) {
      case 'bytes':
        put(part.bytes)
        break
      case 'number':
        put(spell(part.spelling, part.value, part.isOverlong))
        break
      case 'parts': {
        const before = length
        for (let index = part.parts.length - 1; index >= 0; index--) write(part.parts[index] ?? part)
        if (part.head !== undefined) put(writeHead(part.head, part.parts.length, length - before, length))
        break
      }
      default:
        part satisfies never
    }
    ends.push(length)
  }

  write(piece)
  const bytes = new Uint8Array(length)
  let offset = length
  for (const chunk of chunks) {
    offset -= chunk.length
    bytes.set(chunk, offset)
  }
  return { bytes, boundaries: ends.map((end) => length - end) }
}

function writeHead({ of, spelling, lie, isOverlong }: Head, parts: number, bytes: number, rest: number): Uint8Array {
  const truth = BigInt(of === 'parts' ? parts : bytes)
  return spell(spelling, lie === undefined ? truth : lie(truth, BigInt(rest)), isOverlong)
}

function spell(spelling: Spelling, value: bigint, isOverlong = false): Uint8Array {
  const sure = value < 0n ? 0n : value
  return isOverlong ? spelling.overlong(sure) : spelling.write(sure)
}

/** How many pieces there are, all the way down. */
export function countPieces(piece: Piece): number {
  return piece.kind === 'parts' ? piece.parts.reduce((sum, part) => sum + countPieces(part), 1) : 1
}

/** The same pieces with the one at `index` (0 is the whole, its first part 1) changed. */
export function changeAt(piece: Piece, index: number, change: (piece: Piece) => Piece): Piece {
  if (index === 0) return change(piece)
  if (piece.kind !== 'parts') return piece
  let left = index - 1
  const parts = piece.parts.map((part) => {
    if (left < 0) return part
    const count = countPieces(part)
    const changed = left < count ? changeAt(part, left, change) : part
    left -= count
    return changed
  })
  return { ...piece, parts }
}

/** Any of the pieces. */
export function somePiece(piece: Piece, random: Random): Piece {
  let found = piece
  changeAt(piece, random.below(countPieces(piece)), (one) => (found = one))
  return found
}

/** The same pieces with every run of bytes changed. */
export function mapBytes(piece: Piece, change: (bytes: Uint8Array) => Uint8Array): Piece {
  switch (piece.kind) {
    case 'bytes': {
      const bytes = change(piece.bytes)
      return bytes === piece.bytes ? piece : { ...piece, bytes }
    }
    case 'number':
      return piece
    case 'parts':
      return { ...piece, parts: piece.parts.map((part) => mapBytes(part, change)) }
  }
}
