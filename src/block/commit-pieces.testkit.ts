import { bytesPiece, mapBytes, render, type PartsPiece, type Piece } from '../util/pieces.testkit.ts'
import { cborPieces } from './cbor-pieces.testkit.ts'
import { blockCid, CID_BYTES, cidKey, type Cid } from './cid.ts'
import { packReplicated, type ReplicatedCommit } from './replicated-commit.ts'

/** A commit as its pieces, down to the members of its blocks. */
export function commitPieces(commit: ReplicatedCommit): Piece {
  const whole = cborPieces(packReplicated(commit))
  if (whole.kind !== 'parts') return whole
  const blocks = [commit.composite, ...commit.fields, ...(commit.signatures ?? [])]
  return { ...whole, parts: whole.parts.map((part, index) => markWith(part, blocks[index]?.cid)) }
}

function markWith(piece: Piece, cid: Cid | undefined): Piece {
  return piece.kind === 'parts' && cid !== undefined ? { ...piece, mark: cidKey(cid) } : piece
}

/** Gives the CIDs of blocks that have changed to whatever links them: without this every change of a block is told by the link to it. */
export function relinked(commit: Piece): Piece {
  let whole = commit
  // Blocks link later ones, never earlier ones.
  for (let index = markedIn(whole).length - 1; index >= 0; index--) {
    const block = markedIn(whole)[index]
    if (block?.mark === undefined) continue
    const { mark, parts } = block
    const cid = blockCid(render({ kind: 'parts', parts }).bytes)
    if (cidKey(cid) !== mark) whole = mapBytes(whole, (bytes) => (isCid(bytes, mark) ? cid : bytes))
  }
  return whole
}

function markedIn(piece: Piece): readonly PartsPiece[] {
  if (piece.kind !== 'parts') return []
  return piece.mark === undefined ? piece.parts.flatMap(markedIn) : [piece]
}

function isCid(bytes: Uint8Array, mark: string): boolean {
  return bytes.length === CID_BYTES && cidKey(bytes as Cid) === mark
}

/** A CID as its pieces: each byte of the prefix, and the hash. */
export function cidPieces(cid: Cid): Piece {
  const prefix = [0, 1, 2, 3].map((index) => bytesPiece(cid.subarray(index, index + 1)))
  return { kind: 'parts', parts: [...prefix, bytesPiece(cid.subarray(4))] }
}
