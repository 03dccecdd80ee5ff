import type { Stream } from '@libp2p/interface'

/** A stream in memory: what is sent is kept, what arrives is told by the test. */
export class FakeStream extends EventTarget {
  readonly sent: Uint8Array[] = []
  status = 'open'
  maxWriteBufferLength: number = Infinity
  /** Bytes that the transport did not take. */
  waiting = 0
  writableNeedsDrain = false
  aborted: Error | undefined
  /** What those who listen to its messages have thrown; in Node each of these would end the process. */
  readonly thrown: unknown[] = []

  override addEventListener(type: string, listener: EventListener | null): void {
    super.addEventListener(type, type === 'message' && listener !== null ? this.#caught(listener) : listener)
  }

  send(data: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error('closed')
    this.sent.push(data)
    if (!this.writableNeedsDrain) return true
    this.waiting += data.length
    if (this.waiting > this.maxWriteBufferLength) this.abort(new Error('more waits than may'))
    return false
  }

  async close(): Promise<void> {
    this.#end()
  }

  abort(error: Error): void {
    if (this.status !== 'open') return
    this.aborted = error
    this.#end()
  }

  arrive(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.waiting = 0
    this.dispatchEvent(new Event('drain'))
  }

  asStream(): Stream {
    return this as unknown as Stream
  }

  #caught(listener: EventListener): EventListener {
    return (event) => {
      try {
        listener(event)
      } catch (error) {
        this.thrown.push(error)
      }
    }
  }

  #end(): void {
    if (this.status !== 'open') return
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}
