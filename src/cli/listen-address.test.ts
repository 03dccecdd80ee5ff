import { expect, it } from 'vitest'

import { hostAndPort } from './listen-address.ts'

it.each([
  ['127.0.0.1:9181', '127.0.0.1', 9181],
  ['localhost', 'localhost', 9181],
  ['http://localhost:80/', 'localhost', 80],
  [':8080', '0.0.0.0', 8080],
  ['[::1]:9181', '::1', 9181],
  ['[::]', '::', 9181],
  ['127.0.0.1:0', '127.0.0.1', 0],
])('listens by %s', (address, host, port) => {
  expect(hostAndPort(address)).toEqual({ host, port })
})

it.each(['', '127.0.0.1:x', '127.0.0.1:70000', '::1:9181', 'ftp://x', 'a b:1'])('refuses to listen by "%s"', (address) => {
  expect(() => hostAndPort(address)).toThrow(/is no address to listen on; one looks like "127\.0\.0\.1:9181"/)
})
