import type { Config } from './config.ts'
import type { Connection } from './connection.ts'
import type { Terminal } from './terminal.ts'

/**
 * What a command gets for an option of each kind. `list` takes several values by comma or by repetition, `texts` by repetition alone, so that a file name may have a
 * comma. `required` must be given.
 */
export interface OptionKinds {
  readonly flag: boolean
  readonly text: string | undefined
  readonly required: string
  readonly list: readonly string[]
  readonly texts: readonly string[]
}

export type OptionValue = OptionKinds[keyof OptionKinds]

export interface CommandOption {
  readonly kind: keyof OptionKinds
  /** One letter. */
  readonly short?: string
  /** What help calls the value; of no use to a flag. Default 'text'. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly description: string
}

/** Options by their long name, without the dashes. */
export type OptionTable = Readonly<Record<string, CommandOption>>
export type OptionValues<Table extends OptionTable> = { readonly [Name in keyof Table]: OptionKinds[Table[Name]['kind']] }

/** What a command gets for an argument of each kind: `many` are at least one. */
export interface ArgumentKinds {
  readonly one: string
  readonly optional: string | undefined
  readonly many: readonly string[]
}

export type ArgumentValue = ArgumentKinds[keyof ArgumentKinds]

export interface CommandArgument {
  readonly kind: keyof ArgumentKinds
  readonly description: string
}

/** Arguments by name, in their order. */
export type ArgumentTable = Readonly<Record<string, CommandArgument>>
export type ArgumentValues<Table extends ArgumentTable> = { readonly [Name in keyof Table]: ArgumentKinds[Table[Name]['kind']] }

// Of a command that has none, nothing can be read: that is what is meant.
// oxlint-disable-next-line typescript/no-generated-empty-object-type
type Nothing = Readonly<Record<never, never>>

/** What a running command has. It writes what it was asked for with `print` or `terminal.out`, and everything else with `terminal.err`. */
export interface CommandContext<Options = Readonly<Record<string, OptionValue>>, Arguments = Readonly<Record<string, ArgumentValue>>> {
  readonly options: Options
  readonly args: Arguments
  /** Flags, environment, file and defaults, in this order. */
  readonly config: Config
  /** The environment, and beneath it what the secret file sets. */
  readonly env: Environment
  readonly terminal: Terminal
  /** Fires at Ctrl-C and when the process is told to end. */
  readonly signal: AbortSignal
  /** Connects to the node of `--url`, inside the transaction of `--tx` when there is one. The connection is closed after the command. */
  connect(): Promise<Connection>
  /** Writes a value as JSON with an indent of two. */
  print(value: unknown): Promise<void>
}

export type Environment = Readonly<Record<string, string | undefined>>

/** How a command is written: its tables say what `run` gets. */
export interface CommandSpec<Own extends OptionTable, Group extends OptionTable, Arguments extends ArgumentTable> {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for the list of commands. */
  readonly summary: string
  /** What the summary does not say, for the command's own help. */
  readonly description?: string
  readonly arguments?: Arguments
  readonly options?: Own
  /** Options of the groups around it that it wants to read. */
  readonly groupOptions?: Group
  /** It takes the flags of the settings of a node, which `context.config` then has. */
  readonly takesNodeSettings?: boolean
  /** Whole command lines. */
  readonly examples: readonly string[]
  /**
   * Resolves with the exit code, 0 when it says nothing. What it throws is printed as one line and decides the code. Modules that take long to load (graphql, libp2p,
   * the engine) are imported here, so that no other command waits for them.
   */
  run(context: CommandContext<OptionValues<Own & Group>, ArgumentValues<Arguments>>): Promise<number | void>
}

/** A command as the program sees it. */
export interface Command extends CommandSpec<OptionTable, OptionTable, ArgumentTable> {
  readonly kind: 'command'
}

export interface CommandGroup {
  readonly kind: 'group'
  readonly name: string
  readonly summary: string
  /** Options that all commands of the group take. */
  readonly options?: OptionTable
  readonly commands: readonly (Command | CommandGroup)[]
}

/** Makes a command of its description. */
export function defineCommand<
  const Own extends OptionTable = Nothing,
  const Group extends OptionTable = Nothing,
  const Arguments extends ArgumentTable = Nothing,
>(spec: CommandSpec<Own, Group, Arguments>): Command {
  return { ...spec, kind: 'command' }
}
