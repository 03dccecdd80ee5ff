import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A signalling server in a process of its own. */
export interface Signalling extends AsyncDisposable {
  readonly address: string
}

/** Runs a script that prints where it serves. */
export async function startSignalling(script: string, signal: AbortSignal): Promise<Signalling> {
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = (): void => void server.kill('SIGKILL')
  signal.addEventListener('abort', end, { once: true })
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /ws:\S+/.exec(line)?.[0]
    if (address === undefined) continue
    server.stdout.resume()
    return {
      address,
      [Symbol.asyncDispose]: async () => {
        signal.removeEventListener('abort', end)
        if (server.exitCode !== null || server.signalCode !== null) return
        end()
        await once(server, 'exit')
      },
    }
  }
  throw new Error(`${script} ended before it printed an address`)
}
