import { openDatabase, type Database, type Transaction } from '../index.node.ts'
import { DatabaseError } from '../errors.ts'
import type { Connect, ConnectOptions, NodeControl } from './connection.ts'
import { runCommandLine, type ProgramParts } from './program.ts'

/** What a command line did. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A node that commands ask, in this process. */
export interface CliNode extends AsyncDisposable {
  readonly database: Database
  readonly connect: Connect
  /** With what the commands connected. */
  readonly connections: readonly ConnectOptions[]
}

/** A node in memory, with a schema. `replace` stands in for parts of its database, `control` for what it is asked beside. */
export async function aCliNode(
  options: {
    readonly schema?: string
    readonly p2p?: boolean
    readonly replace?: (database: Database) => Partial<Database>
    readonly control?: Partial<NodeControl>
  } = {},
): Promise<CliNode> {
  const opened = await openDatabase({
    storage: 'memory',
    ...(options.p2p === true ? {} : { p2p: false }),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
  })
  const database: Database = { ...opened, ...options.replace?.(opened) }
  const transactions = new Map<string, Transaction>()
  const connections: ConnectOptions[] = []

  function transactionOf(id: string): Transaction {
    const transaction = transactions.get(id)
    if (transaction === undefined) throw new DatabaseError('NOT_FOUND', `there is no transaction ${id}`, { what: 'transaction', id })
    return transaction
  }

  const control: NodeControl = {
    beginTransaction: async ({ readOnly }) => {
      const id = String(transactions.size + 1)
      transactions.set(id, await opened.beginTransaction({ readOnly }))
      return { id }
    },
    commitTransaction: (id) => transactionOf(id).commit(),
    discardTransaction: (id) => transactionOf(id).discard(),
    purge: async () => {},
    nodeIdentity: async () => undefined,
    ...options.control,
  }
  return {
    database: opened,
    connections,
    connect: async (asked) => {
      connections.push(asked)
      const within = asked.transaction === undefined ? {} : transactionOf(asked.transaction)
      // The connection ends with the command, the node does not.
      return { database: { ...database, ...within, close: async () => {} }, node: control }
    },
    [Symbol.asyncDispose]: () => opened.close(),
  }
}

/** Runs a command line, as a shell would: words are split at spaces, those of an array are taken as they are. */
export async function run(
  line: string | readonly string[],
  node: Pick<CliNode, 'connect'> | undefined,
  options: Partial<Omit<ProgramParts, 'terminal' | 'connect'>> & {
    readonly input?: readonly string[]
    readonly errIsTerminal?: boolean
    /** Called with everything that is written to standard output. */
    readonly onOut?: (text: string) => void
  } = {},
): Promise<Ran> {
  const written = { out: '', err: '' }
  const { input = [], errIsTerminal = false, onOut, ...parts } = options
  const code = await runCommandLine(typeof line === 'string' ? line.split(' ').filter(Boolean) : line, {
    terminal: {
      out: async (text) => {
        written.out += text
        onOut?.(text)
      },
      err: (text) => {
        written.err += text
      },
      outIsTerminal: false,
      errIsTerminal,
      width: 100,
      input: async function* () {
        yield* input
      },
    },
    connect: node?.connect ?? (({ url }) => Promise.reject(new DatabaseError('UNREACHABLE', `${url} does not answer`, { peer: url }))),
    env: {},
    cwd: '/nowhere',
    home: '/nowhere',
    signal: new AbortController().signal,
    ...parts,
  })
  return { code, ...written }
}

/** The output of a command that must succeed, as the JSON it is. */
export async function runJson(...args: Parameters<typeof run>): Promise<unknown> {
  const { code, out, err } = await run(...args)
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`)
  return JSON.parse(out)
}
