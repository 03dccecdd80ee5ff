/** What a stream needs of the connection it is on. */
export interface StreamCarrier {
  /** Carries something to the other end of this stream, in order. */
  carry(bytes: number, arrive: (other: SimulatedStream) => void): void
  /** Throws away what is under way. */
  drop(): void
  sent(data: Uint8Array, held: number): void
  onClosed(stream: SimulatedStream): void
}

export interface StreamParts {
  readonly id: number
  readonly protocol: string
  readonly direction: 'inbound' | 'outbound'
  /** The transport takes so many bytes; what is more waits here until half of them have arrived. */
  readonly window: number
  readonly carrier: StreamCarrier
}

/**
 * One end of a stream, as libp2p's is for its user: ordered and reliable while it lives. What the transport does not take waits in the stream, however much; `drain`
 * comes when it takes more, and in a microtask after it the stream fills the transport again.
 */
export class SimulatedStream extends EventTarget {
  readonly id: number
  readonly protocol: string
  readonly direction: 'inbound' | 'outbound'
  status: 'open' | 'closed' | 'aborted' | 'reset' = 'open'
  writableNeedsDrain = false
  readonly #window: number
  readonly #carrier: StreamCarrier
  readonly #unread: Uint8Array[] = []
  #unsent: Uint8Array[] = []
  #unsentBytes = 0
  #underWay = 0
  #hasReader = false
  #isWritable = true
  #hasOtherEnded = false

  constructor({ id, protocol, direction, window, carrier }: StreamParts) {
    super()
    this.id = id
    this.protocol = protocol
    this.direction = direction
    this.#window = window
    this.#carrier = carrier
  }

  override addEventListener(...listening: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...listening)
    if (listening[0] !== 'message') return
    this.#hasReader = true
    queueMicrotask(() => this.#read())
  }

  send(data: Uint8Array): boolean {
    if (!this.#isWritable) throw named('StreamStateError', 'Cannot write to a stream that is closed')
    this.#unsent.push(data)
    this.#unsentBytes += data.length
    this.#carrier.sent(data, this.#unsentBytes + this.#underWay)
    return this.#push()
  }

  /** Closes this end for writing once everything has left; the stream is closed when the other end has done the same. */
  async close({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (!this.#isWritable) return
    this.#isWritable = false
    while (this.status === 'open' && (this.#unsentBytes > 0 || this.writableNeedsDrain)) await this.#drained(signal)
    if (this.status !== 'open') return
    this.#carrier.carry(0, (other) => other.onOtherEnded())
    if (this.#hasOtherEnded) this.end('closed')
  }

  abort(_error: Error): void {
    if (this.status !== 'open') return
    this.#carrier.drop()
    this.#carrier.carry(0, (other) => other.end('reset'))
    this.end('aborted')
  }

  /** The other end has sent something. */
  onData(data: Uint8Array): void {
    if (this.status !== 'open') return
    this.#unread.push(data)
    this.#read()
  }

  onOtherEnded(): void {
    if (this.status !== 'open' || this.#hasOtherEnded) return
    this.#hasOtherEnded = true
    this.dispatchEvent(new Event('remoteCloseWrite'))
    if (!this.#isWritable) this.end('closed')
  }

  /** It is over here, and whoever uses it is told. */
  end(status: 'closed' | 'aborted' | 'reset'): void {
    if (this.status !== 'open') return
    this.status = status
    this.#isWritable = false
    this.#unsent = []
    this.#unsentBytes = 0
    this.#carrier.onClosed(this)
    this.dispatchEvent(new Event('close'))
  }

  #push(): boolean {
    while (!this.writableNeedsDrain && this.status === 'open') {
      const data = this.#unsent.shift()
      if (data === undefined) break
      this.#unsentBytes -= data.length
      this.#underWay += data.length
      this.#carrier.carry(data.length, (other) => other.onData(data))
      if (this.#underWay >= this.#window) this.writableNeedsDrain = true
    }
    return !this.writableNeedsDrain
  }

  /** So many bytes have arrived at the other machine. */
  onTaken(bytes: number): void {
    this.#underWay -= bytes
    if (this.status !== 'open' || !this.writableNeedsDrain || this.#underWay > this.#window / 2) return
    this.writableNeedsDrain = false
    queueMicrotask(() => this.#push())
    this.dispatchEvent(new Event('drain'))
  }

  /** Resolves when the transport takes more, or the stream is over. Rejects when the signal fires. */
  #drained(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.removeEventListener('drain', settle)
        this.removeEventListener('close', settle)
        signal?.removeEventListener('abort', settle)
        if (signal?.aborted === true) reject(signal.reason)
        else resolve()
      }
      this.addEventListener('drain', settle)
      this.addEventListener('close', settle)
      signal?.addEventListener('abort', settle)
    })
  }

  #read(): void {
    while (this.#hasReader && this.status === 'open') {
      const data = this.#unread.shift()
      if (data === undefined) return
      this.dispatchEvent(Object.assign(new Event('message'), { data }))
    }
  }
}

/** An error as libp2p's, which are told apart by their names. */
export function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
