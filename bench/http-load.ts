import { keepConnection, requestBytes, type Answer, type Asked, type KeptConnection } from './support/kept-connection.ts'

/** What was sent, and what came of it. */
export interface Exchange {
  readonly number: number
  readonly answer: Answer
}

export interface Load {
  /** Milliseconds. */
  readonly latencies: readonly number[]
  readonly seconds: number
  /** Some of the answers, and all that have another status than 200: to be looked at afterwards. */
  readonly exchanges: readonly Exchange[]
}

/** One of so many answers is kept. */
const KEPT_EVERY = 16

/** Each connection sends a request as soon as the last one is answered. `asked` makes the request of a number; each number is used once. */
export async function loadFor(
  connections: readonly KeptConnection[],
  milliseconds: number,
  asked: (number: number) => Asked,
  firstNumber = 0,
): Promise<Load> {
  const latencies: number[] = []
  const exchanges: Exchange[] = []
  let next = firstNumber
  const start = performance.now()
  const drive = async (connection: KeptConnection): Promise<void> => {
    for (let began = start; began - start < milliseconds;) {
      const number = next++
      const bytes = requestBytes(asked(number))
      began = performance.now()
      const answer = await connection.ask(bytes)
      const ended = performance.now()
      latencies.push(ended - began)
      if (number % KEPT_EVERY === 0 || answer.status !== 200) exchanges.push({ number, answer })
    }
  }
  await Promise.all(connections.map(drive))
  return { latencies, seconds: (performance.now() - start) / 1000, exchanges }
}

/**
 * A request every so many milliseconds until `isOver`, whatever became of those before; each is timed from when it was due, so that a server that stands still is
 * seen by all that were due meanwhile.
 */
export async function pacedLoad(
  connections: readonly KeptConnection[],
  interval: number,
  asked: (number: number) => Asked,
  isOver: () => boolean,
): Promise<Load> {
  const latencies: number[] = []
  const exchanges: Exchange[] = []
  const start = performance.now()
  let next = 0
  const drive = async (connection: KeptConnection): Promise<void> => {
    while (!isOver()) {
      const number = next++
      const due = start + number * interval
      const early = due - performance.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
      // That a timer of ours is late is no fault of the server.
      const began = early > 0 ? performance.now() : due
      const answer = await connection.ask(requestBytes(asked(number)))
      latencies.push(performance.now() - began)
      if (number % KEPT_EVERY === 0 || answer.status !== 200) exchanges.push({ number, answer })
    }
  }
  await Promise.all(connections.map(drive))
  return { latencies, seconds: (performance.now() - start) / 1000, exchanges }
}

/** Connections that are closed after the work. */
export async function withConnections<T>(
  url: string,
  count: number,
  work: (connections: readonly KeptConnection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => keepConnection(url)))
  try {
    return await work(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}
