import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

/*
 * Networks with routers, on this machine, out of network namespaces (needs root, iproute2 and nftables):
 *
 *     machine ── lan0 [router] wan0 ── br0 [internet] 203.0.113.1
 *     machine ──┘
 *
 * Each box is a namespace with a name of its own, and no address of them is reachable from outside. They are removed when the network is disposed of, and also when
 * this process ends in any other way: a shell that waits for the end of a pipe from this process does it in both cases.
 */

/**
 * How a router gives its address to what its machines send:
 *
 * - `cone`: the port of the machine is kept, so that it is the same for all destinations; answers come from whoever was written to (a port-restricted cone);
 * - `symmetric`: another port for each destination;
 * - `offline`: its line to the internet is down.
 */
export type Nat = 'cone' | 'symmetric' | 'offline'

export interface Router {
  readonly nat: Nat
  readonly udp: 'open' | 'blocked'
}

export interface Machine {
  readonly address: string
  /** What starts a command on this machine: the words before it. */
  readonly enter: readonly string[]
  /** Path of a program that starts `command` with the arguments it is given, for those who can only name one. */
  program(command: string): Promise<string>
}

export interface Lan {
  /** A machine more, with a cable to the router. */
  machine(): Promise<Machine>
}

export interface Network extends AsyncDisposable {
  /** A machine with a public address. */
  readonly internet: Machine
  lan(router: Router): Promise<Lan>
}

/** TEST-NET-3 (RFC 5737): no browser takes it for a local network, and nobody has it. */
const PUBLIC = '203.0.113'
/** The first router's public address and its network 10.10.0.0/24; 1 is the internet's own machine. */
const FIRST_ROUTER = 10
/** Machines behind a router, from here on; 1 is the router. */
const FIRST_MACHINE = 2

const run = promisify(execFile)

/** Why no network can be made here; `undefined` where it can. */
export async function namespacesProblem(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `network namespaces are a thing of Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'only root may make network namespaces'
  for (const [tool, packageName] of [
    ['ip', 'iproute2'],
    ['nft', 'nftables'],
  ] as const) {
    const found = await run(tool, ['-V']).catch(() => undefined)
    if (found === undefined) return `the command ${tool} is missing (Debian, Ubuntu: apt-get install ${packageName})`
  }
  try {
    await using network = await createNetwork()
    // Its bridge, its cable and its address translation are what a kernel may lack.
    await network.lan({ nat: 'symmetric', udp: 'blocked' })
    return undefined
  } catch (error) {
    return `no network namespace with a router can be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}

export async function createNetwork(): Promise<Network> {
  const prefix = `warren-${randomBytes(4).toString('hex')}`
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`))
  const remove = removeAtTheEnd(prefix, folder)
  let lans = 0

  async function add(role: string): Promise<string> {
    const namespace = `${prefix}-${role}`
    await run('ip', ['netns', 'add', namespace])
    await ip(namespace, 'link set lo up')
    return namespace
  }

  function machineOf(namespace: string, address: string): Machine {
    const enter = ['ip', 'netns', 'exec', namespace]
    return {
      address,
      enter,
      program: async (command) => {
        const path = join(folder, `${namespace}.sh`)
        await writeFile(path, `#!/bin/sh\nexec ${enter.join(' ')} '${command.replaceAll("'", String.raw`'\''`)}' "$@"\n`)
        await chmod(path, 0o755)
        return path
      },
    }
  }

  async function lan(internet: string, { nat, udp }: Router): Promise<Lan> {
    const number = FIRST_ROUTER + lans
    const router = await add(`router${lans}`)
    lans += 1
    await ip(internet, `link add up${number} type veth peer name wan0 netns ${router}`, `link set up${number} master br0 up`)
    await ip(
      router,
      `addr add ${PUBLIC}.${number}/24 dev wan0`,
      `link set wan0 ${nat === 'offline' ? 'down' : 'up'}`,
      'link add lan0 type bridge',
      'link set lan0 up',
      `addr add 10.${number}.0.1/24 dev lan0`,
    )
    await run('ip', ['netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    await run('ip', ['netns', 'exec', router, 'nft', rules(nat === 'symmetric' ? 'fully-random' : '', udp === 'blocked')])

    let machines = 0
    return {
      machine: async () => {
        const host = FIRST_MACHINE + machines
        const namespace = await add(`machine${number}-${host}`)
        machines += 1
        await ip(router, `link add to${host} type veth peer name eth0 netns ${namespace}`, `link set to${host} master lan0 up`)
        const address = `10.${number}.0.${host}`
        await ip(namespace, `addr add ${address}/24 dev eth0`, 'link set eth0 up', `route add default via 10.${number}.0.1`)
        return machineOf(namespace, address)
      },
    }
  }

  try {
    const internet = await add('internet')
    await ip(internet, 'link add br0 type bridge', 'link set br0 up', `addr add ${PUBLIC}.1/24 dev br0`)
    return {
      internet: machineOf(internet, `${PUBLIC}.1`),
      lan: (router) => lan(internet, router),
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function ip(namespace: string, ...commands: readonly string[]): Promise<void> {
  for (const command of commands) await run('ip', ['-n', namespace, ...command.split(' ')])
}

/**
 * A router that lets out what its machines send, and in what answers it. Between its machines it is a switch, of which the rules hear where the kernel shows them
 * bridged packets (br_netfilter, which Docker loads). What it gets itself from outside it drops: it would answer an early packet of the other
 * side otherwise, and the entry that this leaves behind takes the port away from the machine.
 */
function rules(masquerade: string, blocksUdp: boolean): string {
  return `
table ip nat {
  chain outwards { type nat hook postrouting priority srcnat; oifname "wan0" masquerade ${masquerade}; }
}
table ip filter {
  chain through {
    type filter hook forward priority 0; policy drop;
    iifname "lan0" oifname "lan0" accept
    ${blocksUdp ? 'meta l4proto udp drop' : ''}
    ct state established,related accept
    iifname "lan0" oifname "wan0" accept
  }
  chain inwards {
    type filter hook input priority 0; policy accept;
    ct state established,related accept
    iifname "wan0" drop
  }
}`
}

/** `$0` is the prefix of the namespaces, `$1` a folder. Whoever still runs in a namespace would keep it alive. */
const REMOVE = `
cat >/dev/null
for name in $(ip netns list | cut -d' ' -f1 | grep "^$0-"); do
  for pid in $(ip netns pids "$name"); do kill -KILL "$pid" 2>/dev/null; done
  ip netns del "$name"
done
rm -rf "$1"`

/** Removes the namespaces with this prefix, and the folder, when the function that it returns is called or this process has ended. */
function removeAtTheEnd(prefix: string, folder: string): () => Promise<void> {
  // In a session of its own: what ends this process, such as Ctrl-C, is not to end the shell.
  const shell = spawn('sh', ['-c', REMOVE, prefix, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const ended = once(shell, 'exit')
  shell.unref()
  return async () => {
    shell.ref()
    shell.stdin.end()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
}
