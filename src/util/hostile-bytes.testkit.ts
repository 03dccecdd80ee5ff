import { concatBytes } from './bytes.ts'
import {
  bytesPiece,
  changeAt,
  countPieces,
  render,
  somePiece,
  type Head,
  type Piece,
  type Rendered,
  type Spelling,
} from './pieces.testkit.ts'
import { oneIn, pick, someBytes } from './random-values.testkit.ts'
import type { Random } from './seed.testkit.ts'

export interface HostileOptions {
  /** Makes fit again what depends on other pieces, such as the hash of a part: so that a change is not given away by it. Done in half of the cases. */
  readonly repair?: (piece: Piece) => Piece
}

/** The bytes of an encoding after some changes, or after none. `other` is a second encoding, of which parts are taken. */
export function hostileBytes(piece: Piece, other: Piece, random: Random, { repair }: HostileOptions = {}): Uint8Array {
  let changed = piece
  for (let changes = pick([0, 1, 1, 1, 2, 3], random); changes > 0; changes--) changed = changePiece(changed, other, random)
  if (repair !== undefined && oneIn(2, random)) changed = repair(changed)
  let rendered = render(changed)
  for (let changes = pick([0, 0, 0, 1, 1, 2], random); changes > 0; changes--) {
    rendered = { ...rendered, bytes: pick(BYTE_CHANGES, random)(rendered, other, random) }
  }
  return rendered.bytes
}

type PieceChange = (piece: Piece, other: Piece, random: Random) => Piece

function changePiece(piece: Piece, other: Piece, random: Random): Piece {
  // The whole more often than its share: of its parts there are few, and what is said of all of them is said there.
  const index = oneIn(6, random) ? 0 : random.below(countPieces(piece))
  return changeAt(piece, index, (one) => pick(changesOf(one), random)(one, other, random))
}

function changesOf(piece: Piece): readonly PieceChange[] {
  switch (piece.kind) {
    case 'bytes':
      return BYTES_PIECE_CHANGES
    case 'number':
      return NUMBER_CHANGES
    case 'parts':
      return piece.head === undefined ? PARTS_CHANGES : COUNTED_CHANGES
  }
}

const ANY_PIECE_CHANGES: readonly PieceChange[] = [
  (_piece, other, random) => somePiece(other, random),
  (_piece, _other, random) => bytesPiece(someBytes(random.below(20), random)),
  (piece) => ({ kind: 'parts', parts: [piece, piece] }),
  () => bytesPiece(new Uint8Array()),
]

const BYTES_PIECE_CHANGES: readonly PieceChange[] = [
  ...ANY_PIECE_CHANGES,
  ...Array.from({ length: 6 }, (): PieceChange => (piece, _other, random) => changeBytes(piece, random)),
]

function changeBytes(piece: Piece, random: Random): Piece {
  if (piece.kind !== 'bytes') return piece
  const { bytes } = piece
  const changed = pick(
    [
      () => flipBit(bytes, random.below(bytes.length * 8), random),
      // What tells one kind of bytes from another stands at their beginning.
      () => flipBit(bytes, random.below(Math.min(bytes.length, 4) * 8), random),
      () => someBytes(bytes.length, random),
      () => new Uint8Array(bytes.length).fill(pick([0, 0x7f, 0x80, 0xff], random)),
      () => bytes.subarray(0, random.below(bytes.length + 1)),
      () => concatBytes(bytes, someBytes(1 + random.below(8), random)),
    ],
    random,
  )
  return { ...piece, bytes: changed() }
}

const NUMBER_CHANGES: readonly PieceChange[] = [
  ...ANY_PIECE_CHANGES,
  (piece) => (piece.kind === 'number' ? { ...piece, isOverlong: true } : piece),
  ...Array.from(
    { length: 5 },
    (): PieceChange => (piece, _other, random) =>
      piece.kind === 'number' ? { ...piece, value: pick(LIES, random)(piece.value, BigInt(random.below(1000))) } : piece,
  ),
]

const PARTS_CHANGES: readonly PieceChange[] = [
  ...ANY_PIECE_CHANGES,
  changeParts((parts, _other, random) => parts.toSpliced(random.below(parts.length), 1)),
  changeParts((parts, _other, random) => parts.toSpliced(random.below(parts.length), 0, pick(parts, random))),
  changeParts((parts, _other, random) => parts.with(random.below(parts.length), pick(parts, random))),
  changeParts((parts, _other, random) => random.shuffled(parts)),
  changeParts((parts, other, random) => parts.toSpliced(random.below(parts.length + 1), 0, somePiece(other, random))),
  // Within itself.
  (piece, _other, random) => changeParts((parts) => parts.with(random.below(parts.length), piece))(piece, piece, random),
]

const COUNTED_CHANGES: readonly PieceChange[] = [
  ...PARTS_CHANGES,
  ...Array.from({ length: 6 }, () => changeHead((head, random) => ({ ...head, lie: pick(LIES, random) }))),
  changeHead((head) => ({ ...head, isOverlong: true })),
  (piece, _other, random) => (piece.kind === 'parts' && piece.head !== undefined ? nested(piece, piece.head, random) : piece),
]

function changeParts(change: (parts: readonly Piece[], other: Piece, random: Random) => readonly Piece[]): PieceChange {
  return (piece, other, random) =>
    piece.kind === 'parts' && piece.parts.length > 0 ? { ...piece, parts: change(piece.parts, other, random) } : piece
}

function changeHead(change: (head: Head, random: Random) => Head): PieceChange {
  return (piece, _other, random) =>
    piece.kind === 'parts' && piece.head !== undefined ? { ...piece, head: change(piece.head, random) } : piece
}

type Lie = (truth: bigint, rest: bigint) => bigint

/** Off by one, off by a factor, nothing, as much as there are bytes, and every width that a number may have. */
const LIES: readonly Lie[] = [
  (truth) => truth + 1n,
  (truth) => truth - 1n,
  (truth) => truth * 2n,
  () => 0n,
  () => 1n,
  (_truth, rest) => rest,
  (_truth, rest) => rest + 1n,
  (_truth, rest) => rest / 2n,
  ...[8n, 16n, 24n, 31n, 32n, 53n, 63n, 64n].flatMap((bits): Lie[] => [() => 2n ** bits - 1n, () => 2n ** bits]),
]

/** Lists in lists: some hundred that each claim to hold all that follows, or so many that a reader that follows them all runs out of stack. */
function nested(piece: Piece, { of, spelling }: Head, random: Random): Piece {
  const depth = pick([2, 9, 130, 200, 30_000], random)
  if (depth > 1000) return { kind: 'parts', parts: [bytesPiece(repeated(spelling, depth)), piece] }
  const isClaiming = oneIn(2, random)
  let nest = piece
  for (let left = depth; left > 0; left--) {
    nest = { kind: 'parts', parts: [nest], head: { of, spelling, ...(isClaiming && { lie: (_truth, rest) => rest }) } }
  }
  return isClaiming ? { kind: 'parts', parts: [nest, bytesPiece(new Uint8Array(pick([0, 0, LONG], random)))] } : nest
}

/** Makes it worth something to claim all that follows. */
const LONG = 40_000

function repeated(spelling: Spelling, times: number): Uint8Array {
  const one = spelling.write(1n)
  const all = new Uint8Array(one.length * times)
  for (let index = 0; index < all.length; index++) all[index] = one[index % one.length] ?? 0
  return all
}

/** Changes that know nothing of the format but where its pieces begin. */
const BYTE_CHANGES: readonly ((rendered: Rendered, other: Piece, random: Random) => Uint8Array)[] = [
  ({ bytes, boundaries }, _other, random) => bytes.subarray(0, pick(boundaries, random)),
  ({ bytes }, _other, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  ({ bytes }, _other, random) => flipBit(bytes, random.below(bytes.length * 8), random),
  ({ bytes, boundaries }, _other, random) => flipBit(bytes, pick(boundaries, random) * 8 + random.below(8), random),
  ({ bytes, boundaries }, _other, random) => replaceByte(bytes, pick(boundaries, random), random.below(256)),
  ({ bytes, boundaries }, _other, random) => insert(bytes, pick(boundaries, random), someBytes(1 + random.below(9), random)),
  ({ bytes, boundaries }, _other, random) => insert(bytes, pick(boundaries, random), bytes.subarray(pick(boundaries, random))),
  ({ bytes, boundaries }, other, random) => {
    const second = render(other)
    return concatBytes(bytes.subarray(0, pick(boundaries, random)), second.bytes.subarray(pick(second.boundaries, random)))
  },
  ({ bytes }, _other, random) => concatBytes(bytes, new Uint8Array(pick([1, 100, LONG], random)).fill(pick([0, 0x80, 0xff], random))),
  (_rendered, _other, random) => someBytes(random.below(60), random),
]

function flipBit(bytes: Uint8Array, bit: number, random: Random): Uint8Array {
  const index = bit >>> 3
  return replaceByte(bytes, index, (bytes[index] ?? 0) ^ (1 << random.below(8)))
}

function replaceByte(bytes: Uint8Array, index: number, byte: number): Uint8Array {
  const changed = bytes.slice()
  if (index < changed.length) changed[index] = byte
  return changed
}

function insert(bytes: Uint8Array, index: number, more: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, index), more, bytes.subarray(index))
}
