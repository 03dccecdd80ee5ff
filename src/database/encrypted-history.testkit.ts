import type { Commit } from '../block/block.ts'
import type { Cid } from '../block/cid.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import type { sealEncryption } from '../block/encryption-block.ts'
import { concatBytes } from '../util/bytes.ts'

/** An encryption block, with its key. */
export type Secret = ReturnType<typeof sealEncryption>

/** The same history as its writer would have made it with encryption: of the `whole` document, or of the field of that name. */
export async function encryptHistory(commits: readonly Commit[], secret: Secret, what: string): Promise<readonly Commit[]> {
  const renamed = new Map<string, Cid>()
  const made: Commit[] = []
  for (const commit of commits) {
    const encrypted = await encrypt(
      commit,
      secret,
      (name) => what === 'whole' || name === what,
      what === 'whole',
      (cid) => renamed.get(String(cid)) ?? cid,
    )
    renamed.set(String(commit.composite.cid), encrypted.composite.cid)
    for (const { cid, block } of commit.fields) {
      const twin = encrypted.fields.find((field) => field.block.delta.fieldName === block.delta.fieldName)
      if (twin !== undefined) renamed.set(String(cid), twin.cid)
    }
    made.push(encrypted)
  }
  return made
}

/** A commit with the fields that `isSecret` names encrypted; `isWhole` says so of the document, too. */
export async function encrypt(
  commit: Commit,
  secret: Secret,
  isSecret: (name: string) => boolean,
  isWhole = true,
  rename: (cid: Cid) => Cid = (cid) => cid,
): Promise<Commit> {
  const key = await crypto.subtle.importKey('raw', secret.block.key.slice(), 'AES-GCM', false, ['encrypt'])
  const fields = await Promise.all(
    commit.fields.map(async ({ block }) => {
      const heads = block.heads.map(rename)
      if (!isSecret(block.delta.fieldName)) return sealBlock({ ...block, heads })
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const data = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, block.delta.data.slice()))
      return sealBlock({ ...block, heads, encryption: secret.cid, delta: { ...block.delta, data: concatBytes(iv, data) } })
    }),
  )
  const { composite } = sealCommit(commit.composite.block.delta, commit.composite.block.heads.map(rename), fields)
  const ordered = composite.block.links.flatMap(({ name }) => fields.filter((field) => field.block.delta.fieldName === name))
  return { composite: isWhole ? sealBlock({ ...composite.block, encryption: secret.cid }) : composite, fields: ordered }
}
