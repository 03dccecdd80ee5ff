import type { DocumentValue } from '../schema/document-value.ts'
import { concatBytes } from '../util/bytes.ts'
import { ByteSink, type ByteCursor } from './byte-cursor.ts'
import type { IndexPart, PartThrough, PartValue } from './index-layout.ts'
import { CUT_PATH_BYTES, memberPath, readIndexPath, ROOT_PATH } from './index-path.ts'
import { DIGEST_BYTES, readIndexValue, VALUE_OVERHEAD, writeIndexValue } from './index-value.ts'

/**
 * One field in the key of an index entry, before a descending one is turned over.
 *
 *     part  = path (of JSON alone), through, value (of `value` and `element` alone)
 *     through = nothing 01 | value 02 | empty 03 | element 04
 */
const THROUGHS: readonly (PartThrough | undefined)[] = [undefined, 'nothing', 'value', 'empty', 'element']

/** What a part says, and whether it says that there is nothing a unique index could keep others from. */
export interface EncodedPart {
  readonly bytes: Uint8Array
  readonly isVoid: boolean
}

/** A part as it was written; the value is null, and so is the path empty, where one of them was cut. */
export interface ReadPart extends PartValue {
  readonly isCut: boolean
}

/** The path of a place, in its share of the room of its part; `undefined` outside JSON, where there are no paths. */
export function placePath({ kind }: IndexPart, path: readonly string[], room: number): Uint8Array | undefined {
  if (kind.scalar !== 'JSON') return undefined
  return path.reduce((above, member) => memberPath(above, member, roomOfPath(room)), ROOT_PATH)
}

/** Half of what there is for texts; what a path does not use is its value's. */
export function roomOfPath(room: number): number {
  return Math.max(CUT_PATH_BYTES, Math.floor((room - 1 - VALUE_OVERHEAD) / 2))
}

/** What all parts of one place begin with. */
export function placeBytes(path: Uint8Array | undefined, through: PartThrough): Uint8Array {
  const mark = Uint8Array.of(THROUGHS.indexOf(through))
  return path === undefined ? mark : concatBytes(path, mark)
}

/** A part with its value, in at most `room` bytes, and the beginning that it shares with all values that are cut at the same place. */
export function partBytes(
  { kind }: IndexPart,
  path: Uint8Array | undefined,
  through: PartThrough,
  value: DocumentValue,
  room: number,
): { readonly bytes: Uint8Array; readonly isCut: boolean; readonly shared: Uint8Array } {
  const place = placeBytes(path, through)
  if (through === 'empty' || through === 'nothing') return { bytes: place, isCut: false, shared: place }
  const sink = new ByteSink(place.length + (typeof value === 'string' ? value.length + 2 : 13))
  sink.raw(place)
  const isCut = writeIndexValue(sink, kind.scalar, value, room - place.length - VALUE_OVERHEAD)
  const bytes = sink.finish()
  return { bytes, isCut, shared: isCut ? bytes.subarray(0, -DIGEST_BYTES) : bytes }
}

/** Reads what `partBytes` wrote. */
export function readPart(cursor: ByteCursor, { kind }: IndexPart): ReadPart {
  const path = kind.scalar === 'JSON' ? readIndexPath(cursor) : []
  const through = THROUGHS[cursor.byte()] ?? cursor.fail('a place of an index')
  const isBare = through === 'empty' || through === 'nothing'
  const { value, isCut } = isBare ? { value: null, isCut: false } : readIndexValue(cursor, kind.scalar)
  return path === undefined ? { path: [], through, value: null, isCut: true } : { path, through, value, isCut }
}

/** The other way round: what sorts first sorts last. */
export function turned(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ~byte)
}

/** Whether a place is one that several documents may share under a unique index. */
export function isVoid(through: PartThrough, value: DocumentValue): boolean {
  return value === null || through === 'empty' || through === 'nothing'
}
