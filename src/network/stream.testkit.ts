import type { Stream } from '@libp2p/interface'

/** A stream in memory: what is sent is kept, what arrives is told by the test. */
export class FakeStream extends EventTarget {
  readonly sent: Uint8Array[] = []
  status = 'open'
  writableNeedsDrain = false
  aborted: Error | undefined

  send(data: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error('closed')
    this.sent.push(data)
    return !this.writableNeedsDrain
  }

  async close(): Promise<void> {
    this.#end()
  }

  abort(error: Error): void {
    this.aborted = error
    this.#end()
  }

  arrive(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.dispatchEvent(new Event('drain'))
  }

  asStream(): Stream {
    return this as unknown as Stream
  }

  #end(): void {
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}
