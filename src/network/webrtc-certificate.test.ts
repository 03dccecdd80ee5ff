import { createPrivateKey, X509Certificate } from 'node:crypto'

import { expect, test } from 'vitest'

import { createMemoryReplica } from './replica.testkit.ts'
import { loadCertificate } from './webrtc-certificate.node.ts'

function someSettings(): { readonly kept: Map<string, Uint8Array>; readonly replica: ReturnType<typeof createMemoryReplica> } {
  const kept = new Map<string, Uint8Array>()
  return { kept, replica: createMemoryReplica({ settings: kept }) }
}

test('a certificate is made once, signs itself, and has no end', async () => {
  const { replica } = someSettings()
  const made = await loadCertificate(replica)
  const certificate = new X509Certificate(made.pem)
  expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.checkIssued(certificate)).toBe(true)
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  expect([certificate.validFromDate, certificate.validToDate].map((date) => date.getUTCFullYear())).toEqual([2000, 9999])
  // A multibase text of a multihash of SHA-256.
  expect(made.certhash).toMatch(/^uEi[\w-]{44}$/)
  expect(await loadCertificate(replica)).toEqual(made)
})

test('two nodes have two certificates', async () => {
  const [a, b] = await Promise.all([someSettings(), someSettings()].map(({ replica }) => loadCertificate(replica)))
  expect(a?.certhash).not.toBe(b?.certhash)
})

test('what is kept and is no certificate with its key is told', async () => {
  const [one, other] = [someSettings(), someSettings()]
  await loadCertificate(one.replica)
  await loadCertificate(other.replica)
  const [name = '', kept = new Uint8Array()] = [...one.kept][0] ?? []
  const others = other.kept.get(name) ?? new Uint8Array()
  const mixed = kept.slice()
  // The keys have one length and stand last.
  mixed.set(others.subarray(-138), mixed.length - 138)
  for (const wrong of [new Uint8Array(), kept.slice(0, -1), mixed]) {
    one.kept.set(name, wrong)
    await expect(loadCertificate(one.replica)).rejects.toMatchObject({
      code: 'CORRUPT_DATA',
      message: expect.stringContaining('the WebRTC certificate that is kept cannot be read'),
    })
  }
})
