import { sha256 } from '../block/sha256.ts'
import { concatBytes, encodeText } from '../util/bytes.ts'
import { ByteSink, type ByteCursor } from './byte-cursor.ts'
import { DIGEST_BYTES, readIndexText, writeIndexText } from './index-value.ts'

/**
 * Where a value stands inside a JSON document, in the key of an index entry.
 *
 *     path = (member 01 text)* end 00
 *          | cut 02, the first 16 bytes of the SHA2-256 of (path without the last member, as it stands here ‖ UTF-8 of the last member)
 *
 * A path that does not fit is cut. Its digest follows from that of the path above, so a member costs what its own name costs, however deep it is.
 */
const END = 0x00
const MEMBER = 0x01
const CUT = 0x02

/** The most bytes that a path takes once it is cut. */
export const CUT_PATH_BYTES: number = 1 + DIGEST_BYTES

/** The path of the document itself. */
export const ROOT_PATH: Uint8Array = Uint8Array.of(END)

/** The path of a member of what stands at `path`, in at most `room` bytes. */
export function memberPath(path: Uint8Array, member: string, room: number): Uint8Array {
  // Besides the name: a mark before it and an end behind it.
  const left = room - path.length - 2
  if (path[0] !== CUT && left >= 0) {
    const sink = new ByteSink(path.length + member.length + 2)
    sink.raw(path.subarray(0, -1))
    sink.byte(MEMBER)
    const isCut = writeIndexText(sink, member, left)
    sink.byte(END)
    if (!isCut) return sink.finish()
  }
  const digest = sha256(concatBytes(path, encodeText(member)))
  return concatBytes(Uint8Array.of(CUT), digest.subarray(0, DIGEST_BYTES))
}

/** The members of a path; `undefined` when it was cut. */
export function readIndexPath(cursor: ByteCursor): readonly string[] | undefined {
  const members: string[] = []
  for (;;) {
    const mark = cursor.byte()
    if (mark === END) return members
    if (mark === CUT) {
      cursor.skip(DIGEST_BYTES)
      return undefined
    }
    if (mark !== MEMBER) cursor.fail('a path of an index')
    members.push(readIndexText(cursor) ?? cursor.fail('a member that is whole'))
  }
}
