/*
 * SHA2-256 (FIPS 180-4), synchronously: blocks are hashed one after the other, each after the CIDs it links, before a storage transaction may begin.
 *
 * Written out because nothing costs more on the way of a document than its hashes, which are many and short: a block of 220 bytes takes 1.3 µs in Chromium and
 * 1.4 in Node, with @noble/hashes 3.8 and 1.7; WebCrypto waits. No secret is hashed, so nothing can be learnt from how long it takes.
 */

const CHUNK_BYTES = 64
const DIGEST_BYTES = 32
const LENGTH_BYTES = 8

/** The fractions of the cube roots of the first 64 primes, 32 bits each. */
const ROUND_CONSTANTS: Int32Array = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])

/** The fractions of the square roots of the first 8 primes. */
const START: Int32Array = new Int32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19])

// Scratch. It holds nothing between two calls.
const state = new Int32Array(8)
const schedule = new Int32Array(64)
const tail = new Uint8Array(2 * CHUNK_BYTES)

/** The SHA2-256 of `bytes`: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  state.set(START)
  const whole = bytes.length - (bytes.length % CHUNK_BYTES)
  for (let offset = 0; offset < whole; offset += CHUNK_BYTES) addChunk(bytes, offset)
  const tailLength = padTail(bytes, whole)
  for (let offset = 0; offset < tailLength; offset += CHUNK_BYTES) addChunk(tail, offset)
  const digest = new Uint8Array(DIGEST_BYTES)
  for (let index = 0; index < DIGEST_BYTES; index++) digest[index] = word(state, index >>> 2) >>> (24 - (index & 3) * 8)
  return digest
}

/** Puts what is left of `bytes` into the tail, and behind it a one bit, zeros, and the length in bits: one chunk or two. */
function padTail(bytes: Uint8Array, from: number): number {
  const rest = bytes.length - from
  const length = rest + 1 + LENGTH_BYTES > CHUNK_BYTES ? 2 * CHUNK_BYTES : CHUNK_BYTES
  tail.fill(0)
  for (let index = 0; index < rest; index++) tail[index] = bytes[from + index] ?? 0
  tail[rest] = 0x80
  for (let index = length - 1, bits = bytes.length * 8; bits > 0; index--, bits = Math.floor(bits / 256)) tail[index] = bits % 256
  return length
}

/** The compression function: mixes 64 bytes into the state. */
function addChunk(bytes: Uint8Array, offset: number): void {
  for (let index = 0, at = offset; index < 16; index++, at += 4) {
    schedule[index] = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  }
  for (let index = 16; index < 64; index++) {
    const early = word(schedule, index - 15)
    const late = word(schedule, index - 2)
    const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[index] = (word(schedule, index - 16) + mixedEarly + word(schedule, index - 7) + mixedLate) | 0
  }
  let a = word(state, 0)
  let b = word(state, 1)
  let c = word(state, 2)
  let d = word(state, 3)
  let e = word(state, 4)
  let f = word(state, 5)
  let g = word(state, 6)
  let h = word(state, 7)
  for (let round = 0; round < 64; round++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + word(ROUND_CONSTANTS, round) + word(schedule, round)) | 0
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  // The array keeps the last 32 bits of each sum.
  state[0] = word(state, 0) + a
  state[1] = word(state, 1) + b
  state[2] = word(state, 2) + c
  state[3] = word(state, 3) + d
  state[4] = word(state, 4) + e
  state[5] = word(state, 5) + f
  state[6] = word(state, 6) + g
  state[7] = word(state, 7) + h
}

function rotate(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits))
}

function word(words: Int32Array, index: number): number {
  return words[index] ?? 0
}
