import type { Commit } from '../block/block.ts'
import { cidKey, type Cid } from '../block/cid.ts'
import { openEncryption } from '../block/encryption-block.ts'
import { openSealed } from '../block/open-sealed.ts'
import type { PlainData } from '../dag/merge.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord } from '../document/record.ts'
import { isFailure } from '../errors.ts'
import type { View } from './view.ts'

/** Commits with what the keys that are here open of them. */
export interface OpenedCommits {
  readonly plainData: PlainData
  /** Whether the document as a whole is for those who have a key that is not here. */
  isSealed(commit: Commit): boolean
  /** What the record with this commit merged says of its secrecy. */
  secrecy(commit: Commit, record: DocumentRecord | undefined): Pick<DocumentRecord, 'secrecy'>
}

/** Opens the encrypted field blocks of these commits as far as their keys are here. Costs nothing where nothing is encrypted. */
export async function openCommits(view: View, commits: readonly Commit[]): Promise<OpenedCommits> {
  const links = new Map(commits.flatMap(encryptionLinks).map((cid) => [cidKey(cid), cid]))
  const keysByLink = links.size === 0 ? new Map<string, Uint8Array>() : await readKeys(view, links)
  const isSealed = ({ composite }: Commit): boolean => {
    const { encryption } = composite.block
    return encryption !== undefined && !keysByLink.has(cidKey(encryption))
  }
  return {
    plainData: keysByLink.size === 0 ? new Map() : await openFields(commits, keysByLink),
    isSealed,
    secrecy: (commit, record) => {
      if (record?.secrecy === 'sealed' || isSealed(commit)) return { secrecy: 'sealed' }
      return record?.secrecy === 'opened' || encryptionLinks(commit).length > 0 ? { secrecy: 'opened' } : {}
    },
  }
}

/** The encryption blocks that a commit's blocks link. */
export function encryptionLinks({ composite, fields }: Commit): readonly Cid[] {
  return [composite, ...fields].flatMap(({ block: { encryption } }) => (encryption === undefined ? [] : [encryption]))
}

async function readKeys(view: View, links: ReadonlyMap<string, Cid>): Promise<ReadonlyMap<string, Uint8Array>> {
  const stored = await view.getMany([...links.values()].map((cid) => keys.encryptionKey(cid)))
  return new Map(
    [...links.keys()].flatMap((link, index): readonly (readonly [string, Uint8Array])[] => {
      const bytes = stored[index]
      return bytes === undefined ? [] : [[link, openEncryption(bytes).block.key]]
    }),
  )
}

async function openFields(commits: readonly Commit[], keysByLink: ReadonlyMap<string, Uint8Array>): Promise<PlainData> {
  const plainData = new Map<string, Uint8Array>()
  for (const { cid, block } of commits.flatMap(({ fields }) => fields)) {
    const key = block.encryption === undefined ? undefined : keysByLink.get(cidKey(block.encryption))
    if (key === undefined) continue
    try {
      plainData.set(cidKey(cid), await openSealed(key, block.delta.data))
    } catch (error) {
      // Whoever wrote the block used another key than it says, or none: it stays closed, as without a key.
      if (!isFailure(error, 'CORRUPT_DATA')) throw error
    }
  }
  return plainData
}
