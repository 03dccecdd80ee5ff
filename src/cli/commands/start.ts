import { defineCommand, type Command } from '../command.ts'

export const start: Command = defineCommand({
  name: 'start',
  summary: 'Run a node',
  description:
    'Runs a node with its documents in the root directory, until it is told to end (Ctrl-C). It serves its HTTP API, with a page to look at it, and meets other nodes.',
  takesNodeSettings: true,
  examples: [
    'warrendb start',
    'warrendb start --no-p2p',
    'warrendb start --p2paddr /ip4/0.0.0.0/tcp/9171,/ip4/0.0.0.0/tcp/9172/ws,/ip4/0.0.0.0/udp/9173/webrtc-direct',
    'warrendb start --peers /ip4/192.168.1.100/tcp/9171/p2p/12D3KooW…',
  ],
  run: async ({ config, env, terminal, signal }) => {
    const { runNode } = await import('../run-node.ts')
    await runNode({ config, env, terminal, signal })
  },
})
