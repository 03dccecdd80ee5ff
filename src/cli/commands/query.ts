import type { Database } from '../../database/database.ts'
import type { RequestError, RequestOptions } from '../../query/result.ts'
import { defineCommand, type Command } from '../command.ts'
import { EXIT_CODES, exitCodeOfRequest, type ExitCode } from '../exit-codes.ts'
import { jsonText } from '../../document/json-text.ts'
import { parseJsonObject, readInput } from '../read-input.ts'
import type { Terminal } from '../terminal.ts'

export const query: Command = defineCommand({
  name: 'query',
  summary: 'Run a GraphQL request',
  description: `Runs a query, a mutation or a subscription and prints its result as JSON. The results of a subscription come as one line each, until Ctrl-C.
When the result has errors, they are also said on standard error and the exit code is not 0.`,
  arguments: { request: { kind: 'optional', description: 'GraphQL, or - for standard input' } },
  options: {
    file: { kind: 'text', short: 'f', value: 'path', description: 'a file with the request' },
    operation: { kind: 'text', short: 'o', value: 'name', description: 'the operation to run, of several in the request' },
    variables: { kind: 'text', short: 'v', value: 'json', description: 'the variables of the operation, as a JSON object' },
  },
  examples: [
    `warrendb client query '{ User { _docID name } }'`,
    `warrendb client query -f request.graphql -o Adults -v '{"age": 18}'`,
    'cat request.graphql | warrendb client query -',
    `warrendb client query 'subscription { User { _docID name } }'`,
  ],
  run: async ({ options, args, connect, terminal, signal, print }) => {
    const files = options.file === undefined ? [] : [options.file]
    const request = await readInput(terminal, { what: 'request', argument: args.request, files })
    const given: RequestOptions = {
      signal,
      ...(options.operation === undefined ? {} : { operationName: options.operation }),
      ...(options.variables === undefined ? {} : { variables: parseJsonObject(options.variables, 'the value of --variables') }),
    }
    const { isSubscription } = await import('../../query/request/is-subscription.ts')
    const { database } = await connect()
    if (isSubscription(request, options.operation)) return follow(database, request, { ...given, signal }, terminal)
    const result = await database.execute(request, given)
    await print(result)
    return reportErrors(result.errors, terminal)
  },
})

/** Prints results as they come. Ctrl-C is how it is meant to end. */
async function follow(
  database: Database,
  request: string,
  options: RequestOptions & { readonly signal: AbortSignal },
  terminal: Terminal,
): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.ok
  try {
    for await (const result of database.subscribe(request, options)) {
      await terminal.out(`${jsonText(result)}\n`)
      code = reportErrors(result.errors, terminal) || code
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
  return code
}

function reportErrors(errors: readonly RequestError[] | undefined, terminal: Terminal): ExitCode {
  const [first] = errors ?? []
  if (first === undefined) return EXIT_CODES.ok
  for (const { message, path } of errors ?? []) {
    terminal.err(`Error: ${message}${path === undefined ? '' : ` (at ${path.join('.')})`}\n`)
  }
  return exitCodeOfRequest(first.extensions?.code)
}
