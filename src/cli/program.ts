import { Argument, Command as CommanderCommand, CommanderError, Option } from 'commander'

import { messageOf } from '../errors.ts'
import { whyFlagIsAbsent } from './absent-settings.ts'
import type {
  ArgumentTable,
  ArgumentValue,
  Command,
  CommandContext,
  CommandGroup,
  CommandOption,
  Environment,
  OptionTable,
  OptionValue,
} from './command.ts'
import { COMMANDS } from './commands.ts'
import { loadConfig } from './config.ts'
import { addressToUrl, type Connect, type Connection } from './connection.ts'
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts'
import { jsonText } from '../document/json-text.ts'
import { OPTION_READERS } from './option-readers.ts'
import { keyToVariable, SETTINGS, type Setting } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** What the command line needs of its process. */
export interface ProgramParts {
  readonly terminal: Terminal
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  readonly signal: AbortSignal
  readonly connect: Connect
  /** Default: those of `warrendb`. */
  readonly commands?: CommandGroup
}

/** Runs one command line, without the names of the runtime and the program, and resolves with its exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], parts: ProgramParts): Promise<number> {
  const [first] = args
  // No option of the program: commands have a `--version` of their own, which takes a value.
  const given = first === '--version' || first === '-V' ? ['version'] : args
  const written: Promise<void>[] = []
  let code: number = EXIT_CODES.ok
  const program = buildProgram(parts.commands ?? COMMANDS, parts.terminal, written, async (command, called) => {
    code = await runCommand(command, called, parts)
  })
  try {
    await program.parseAsync(given, { from: 'user' })
  } catch (error) {
    code = report(error, parts.terminal)
  }
  await Promise.allSettled(written)
  return code
}

/** The whole command line as commander has it; exported for the test of help. */
export function buildProgram(
  commands: CommandGroup,
  terminal: Terminal,
  written: Promise<void>[],
  run: (command: Command, called: CommanderCommand) => Promise<void>,
): CommanderCommand {
  const write = (text: string): void => void written.push(terminal.out(text))
  const program = new CommanderCommand(commands.name)
    .exitOverride()
    // Mistakes are reported in one place, whoever finds them; what is left is help.
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => {},
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .configureHelp({
      showGlobalOptions: true,
      // Commander would say `[options]` of each; what a command does is what one looks for in a list.
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join('|'),
    })
    .addOption(new Option('--rootdir <folder>', 'the directory for data and configuration (default ~/.warrendb)'))
  addSettings(program, 'all')
  program.addHelpText('after', EPILOG)
  addCommands(program, commands, run)
  return program
}

const EPILOG = `
\`warrendb --version\` shows the version. Settings can also stand in config.yaml of the root directory, and in the environment.

Exit codes: ${Object.entries(EXIT_CODES)
  .map(([name, code]) => `${code} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
  .join(', ')}.`

function addCommands(
  parent: CommanderCommand,
  group: CommandGroup,
  run: (command: Command, called: CommanderCommand) => Promise<void>,
): void {
  parent.description(group.summary)
  addOptions(parent, group.options ?? {})
  for (const entry of group.commands) {
    const child = parent.command(entry.name).summary(entry.summary)
    if (entry.kind === 'group') addCommands(child, entry, run)
    else addCommand(child, entry, run)
  }
}

function addCommand(target: CommanderCommand, command: Command, run: (command: Command, called: CommanderCommand) => Promise<void>): void {
  const { summary, description, aliases = [], arguments: args = {}, options = {}, examples } = command
  target.description(description === undefined ? `${summary}.` : `${summary}.\n\n${description}`).aliases([...aliases])
  for (const [name, { kind, description: about }] of Object.entries(args))
    target.addArgument(new Argument(ARGUMENT_FORMS[kind](name), about))
  addOptions(target, options)
  if (command.takesNodeSettings === true) addSettings(target, 'node')
  target.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
  target.action(() => run(command, target))
}

const ARGUMENT_FORMS = {
  one: (name: string) => `<${name}>`,
  optional: (name: string) => `[${name}]`,
  many: (name: string) => `<${name}...>`,
} as const

function addOptions(target: CommanderCommand, options: OptionTable): void {
  for (const [name, option] of Object.entries(options)) target.addOption(toCommander(name, option))
}

function addSettings(target: CommanderCommand, scope: 'all' | 'node'): void {
  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    if (setting.scope !== scope) continue
    const { kind, flag, value } = setting
    const shown = Array.isArray(setting.default) ? setting.default.join(',') : String(setting.default)
    const note = kind.flag === 'flag' || shown === '' ? keyToVariable(key) : `default ${shown}; ${keyToVariable(key)}`
    const option = { kind: kind.flag, description: `${setting.description} (${note})`, ...(value === undefined ? {} : { value }) }
    target.addOption(toCommander(flag, option))
  }
}

function toCommander(name: string, { kind, short, value = 'text', choices, description }: CommandOption): Option {
  const long = kind === 'flag' ? `--${name}` : `--${name} <${value}>`
  const option = new Option(short === undefined ? long : `-${short}, ${long}`, description)
  const { collect } = OPTION_READERS[kind]
  if (collect !== undefined) option.argParser<readonly string[]>((text, before) => collect(text, before ?? []))
  if (choices !== undefined) option.choices(choices)
  return option.makeOptionMandatory(kind === 'required')
}

async function runCommand(command: Command, called: CommanderCommand, parts: ProgramParts): Promise<number> {
  const { terminal, signal } = parts
  const flags = flagsOf(called)
  const { config, env } = await loadConfig({ flags, env: parts.env, cwd: parts.cwd, home: parts.home })
  const connections: Connection[] = []
  const transaction = OPTION_READERS.text.read(flags['tx'])
  const context: CommandContext = {
    options: readOptions({ ...command.groupOptions, ...command.options }, flags),
    args: readArguments(command.arguments ?? {}, called.processedArgs),
    config,
    env,
    terminal,
    signal,
    connect: async () => {
      const url = addressToUrl(config['api.address'])
      const connection = await parts.connect({ url, signal, ...(transaction === undefined ? {} : { transaction }) })
      connections.push(connection)
      return connection
    },
    print: (value) => terminal.out(`${jsonText(value, '  ')}\n`),
  }
  try {
    const code = await command.run(context)
    return code ?? EXIT_CODES.ok
  } finally {
    for (const { database } of connections) await database.close()
  }
}

/** What was given on the command line, by long names, of a command and all around it. */
function flagsOf(called: CommanderCommand): Readonly<Record<string, unknown>> {
  const flags: Record<string, unknown> = {}
  for (let command: CommanderCommand | null = called; command !== null; command = command.parent) {
    for (const option of command.options) {
      const name = (option.long ?? '').replace(/^--/, '')
      const value: unknown = command.getOptionValue(option.attributeName())
      // Commander makes `--no-p2p` the absence of `p2p`, true unless it is given.
      if (option.negate) flags[name] ??= value === false ? true : undefined
      else flags[name] ??= value
    }
  }
  return flags
}

function readOptions(table: OptionTable, flags: Readonly<Record<string, unknown>>): Readonly<Record<string, OptionValue>> {
  return Object.fromEntries(Object.entries(table).map(([name, { kind }]) => [name, OPTION_READERS[kind].read(flags[name])]))
}

/** The parser has seen to it that those are there that have to be. */
function readArguments(table: ArgumentTable, given: readonly unknown[]): Readonly<Record<string, ArgumentValue>> {
  return Object.fromEntries(Object.keys(table).map((name, index) => [name, readArgument(given[index])]))
}

function readArgument(value: unknown): ArgumentValue {
  if (Array.isArray(value)) return value.filter((element) => typeof element === 'string')
  return typeof value === 'string' ? value : undefined
}

/** Says what went wrong in the words of whoever found it, and never where in the program that was. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    // Help was asked for, or stands in for a command that is missing.
    if (error.exitCode === 0 || error.code === 'commander.help') return EXIT_CODES.ok
    const usage = new UsageError(withReason(error.message.replace(/^error: /, '')))
    return report(usage, terminal)
  }
  terminal.err(`Error: ${messageOf(error)}\n`)
  return exitCodeOf(error)
}

function withReason(message: string): string {
  const flag = /^unknown option '([^']+)'/.exec(message)?.[1]
  const reason = flag === undefined ? undefined : whyFlagIsAbsent(flag)
  return reason === undefined ? message : `there is no option ${flag}: ${reason}`
}
