import fc from 'fast-check'
import { expect, test } from 'vitest'

import { base64UrlToBytes, bytesToBase64Url } from './base64url.ts'

test('bytes come back, from characters that a URL keeps', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = bytesToBase64Url(bytes)
      expect(encodeURIComponent(text)).toBe(text)
      expect(base64UrlToBytes(text)).toEqual(bytes)
    }),
  )
})

test.each(['a', 'a=', 'ab+/', 'ab cd', 'ab', 'äbcd'])('%j is none', (text) => {
  expect(base64UrlToBytes(text)).toBeUndefined()
})
