import { bytesToHex } from './bytes.ts'
import { hostileBytes, type HostileOptions } from './hostile-bytes.testkit.ts'
import { memoryInUse, memoryNow } from './memory.testkit.ts'
import { render, type Piece } from './pieces.testkit.ts'
import { randomOf, testSeed, type Random } from './seed.testkit.ts'

/*
 * Feeds decoders of what peers send with what no honest peer sends. Some thousand inputs each in an ordinary test run; on demand as many as one likes, again for
 * each of the decoders, and those of a failure once more:
 *
 *     WARREN_FUZZ=1000000 npx vitest run --project node fuzz
 *     WARREN_SEED=…       npx vitest run --project node fuzz
 */
const INPUTS = Number(process.env['WARREN_FUZZ'] ?? 3000)

/** For the time that so many inputs take. */
export const FUZZ_TIMEOUT: number = 30_000 + INPUTS * 10

/** How many inputs a test is to make. `weight` is how many ordinary ones one of its inputs costs. */
export function inputsToMake(weight = 1): number {
  return Math.ceil(INPUTS / weight)
}

export interface FuzzTarget<T> extends HostileOptions {
  /** A valid encoding. */
  readonly sample: (random: Random) => Piece
  readonly decode: (bytes: Uint8Array) => T
  /** Whether the decoder's contract has this error. */
  readonly isRefusal: (error: unknown) => boolean
  /** Throws unless that is true which holds of everything that is accepted, such as that it is written with the same bytes. */
  readonly check: (value: T, bytes: Uint8Array) => void
}

export interface FuzzReport {
  readonly inputs: number
  readonly accepted: number
}

/** Inputs made of one sample. The seed of each such group plays it alone. */
const INPUTS_PER_SAMPLE = 30
/** An input of every so many is read through a counter, which takes long. */
const COUNTED_EVERY = 16
const MAX_COUNTED_BYTES = 4096

/** Inputs for one decoder. @throws Error with the seed and the input when the decoder does what it must not */
export function fuzz<T>(target: FuzzTarget<T>, inputs: number = inputsToMake()): FuzzReport {
  const seed = testSeed()
  let accepted = 0
  for (let made = 0, group = 0; made < inputs; group++) {
    const random = randomOf(seed + group)
    const [sample, other] = [target.sample(random), target.sample(random)]
    const valid = render(sample).bytes
    if (!judge(target, valid, seed + group, false)) throw failure('a valid encoding is refused', valid, seed + group)
    for (let index = 0; index < INPUTS_PER_SAMPLE && made < inputs; index++, made++) {
      const bytes = hostileBytes(sample, other, random, target)
      if (judge(target, bytes, seed + group, made % COUNTED_EVERY === 0)) accepted++
    }
  }
  return { inputs, accepted }
}

/** Whether the input was accepted. */
function judge<T>(target: FuzzTarget<T>, bytes: Uint8Array, seed: number, isCounted: boolean): boolean {
  const before = memoryNow()
  let value: T
  try {
    value = target.decode(bytes)
  } catch (error) {
    if (!target.isRefusal(error)) throw failure('the decoder throws something else than it says', bytes, seed, error)
    checkGrowth(target, bytes, seed, memoryNow() - before)
    if (isCounted) checkReads(target, bytes, seed)
    return false
  }
  checkGrowth(target, bytes, seed, memoryNow() - before)
  if (isCounted) checkReads(target, bytes, seed)
  try {
    target.check(value, bytes)
  } catch (error) {
    throw failure('what was accepted is not what it is to be', bytes, seed, error)
  }
  return true
}

/** Many small things can be said in one byte each, and an empty list or view of bytes takes a hundred. */
const MEMORY_PER_BYTE = 256
/** What the engine takes for itself now and then, such as for code that it has compiled. */
const MEMORY_OF_ENGINE: number = 4 * 1024 * 1024

function checkGrowth<T>({ decode }: FuzzTarget<T>, bytes: Uint8Array, seed: number, growth: number): void {
  const most = MEMORY_OF_ENGINE + bytes.length * MEMORY_PER_BYTE
  // The engine may have had work of its own; it has not each time.
  for (let tries = 0, grown = growth; grown > most; tries++) {
    if (tries === 3) throw failure(`decoding takes ${grown} bytes of memory`, bytes, seed)
    const before = memoryInUse()
    attempt(() => decode(bytes))
    grown = memoryNow() - before
  }
}

/** Every byte is looked at some times: as the type of an item, as part of it, as one of the names that may stand here. */
const READS_PER_BYTE = 16

function checkReads<T>({ decode }: FuzzTarget<T>, bytes: Uint8Array, seed: number): void {
  if (bytes.length > MAX_COUNTED_BYTES) return
  const counted = countReads(bytes)
  attempt(() => decode(counted.bytes))
  const most = READS_PER_BYTE * (bytes.length + 8)
  if (counted.reads > most) throw failure(`decoding reads ${counted.reads} bytes`, bytes, seed)
}

function attempt(run: () => unknown): void {
  try {
    run()
  } catch {
    // It was judged before.
  }
}

interface CountedBytes {
  /** Stands for the bytes where these are read one by one or by pieces. */
  readonly bytes: Uint8Array
  /** Bytes that were read, those of a piece when it was cut out. */
  readonly reads: number
}

function countReads(bytes: Uint8Array): CountedBytes {
  let reads = 0
  const count = (whole: Uint8Array): Uint8Array =>
    new Proxy(whole, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value === 'number' && name !== 'length') reads++
        if (typeof value !== 'function') return value
        return (...given: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, target, given)
          // All from somewhere on is read like the whole; what has an end goes to the platform, which takes no proxies.
          if (name === 'subarray' && given.length === 1) return count(result as Uint8Array)
          reads += result instanceof Uint8Array ? result.length : target.length
          return result
        }
      },
    })
  return {
    bytes: count(bytes),
    get reads() {
      return reads
    },
  }
}

/** An input longer than this is better made again from its seed. */
const MAX_SHOWN_BYTES = 2000

function failure(what: string, bytes: Uint8Array, seed: number, cause?: unknown): Error {
  const input = bytes.length > MAX_SHOWN_BYTES ? `${bytes.length} bytes` : bytesToHex(bytes)
  return new Error(`${what}; the input: ${input}; again with WARREN_SEED=${seed}`, { cause })
}
