import type { CommandGroup } from './command.ts'
import { exportBackup } from './commands/backup/export.ts'
import { importBackup } from './commands/backup/import.ts'
import { verifySignature } from './commands/block/verify-signature.ts'
import { COLLECTION_OPTIONS } from './commands/collection/chosen-collection.ts'
import { createDocuments } from './commands/collection/create.ts'
import { deleteDocuments } from './commands/collection/delete.ts'
import { describeCollection } from './commands/collection/describe.ts'
import { listDocIDs } from './commands/collection/doc-ids.ts'
import { getDocument } from './commands/collection/get.ts'
import { patchCollection } from './commands/collection/patch.ts'
import { updateDocuments } from './commands/collection/update.ts'
import { dump } from './commands/dump.ts'
import { newIdentity } from './commands/identity/new.ts'
import { createIndex } from './commands/index/create.ts'
import { dropIndex } from './commands/index/drop.ts'
import { listIndexes } from './commands/index/list.ts'
import { exportKey } from './commands/keyring/export.ts'
import { generateKeys } from './commands/keyring/generate.ts'
import { importKey } from './commands/keyring/import.ts'
import { listKeys } from './commands/keyring/list.ts'
import { nodeIdentity } from './commands/node-identity.ts'
import { activePeers } from './commands/p2p/active-peers.ts'
import { blockPeer } from './commands/p2p/block.ts'
import { blockedPeers } from './commands/p2p/blocked.ts'
import { addCollections } from './commands/p2p/collection/add.ts'
import { getAllCollections } from './commands/p2p/collection/getall.ts'
import { removeCollections } from './commands/p2p/collection/remove.ts'
import { connectPeer } from './commands/p2p/connect.ts'
import { disconnectPeer } from './commands/p2p/disconnect.ts'
import { addDocuments } from './commands/p2p/document/add.ts'
import { getAllDocuments } from './commands/p2p/document/getall.ts'
import { removeDocuments } from './commands/p2p/document/remove.ts'
import { syncDocuments } from './commands/p2p/document/sync.ts'
import { explainPeer } from './commands/p2p/explain.ts'
import { peerInfo } from './commands/p2p/info.ts'
import { deleteReplicator } from './commands/p2p/replicator/delete.ts'
import { getAllReplicators } from './commands/p2p/replicator/getall.ts'
import { setReplicator } from './commands/p2p/replicator/set.ts'
import { unblockPeer } from './commands/p2p/unblock.ts'
import { purge } from './commands/purge.ts'
import { query } from './commands/query.ts'
import { invitePeer } from './commands/p2p/invite.ts'
import { addSchema } from './commands/schema/add.ts'
import { describeSchema } from './commands/schema/describe.ts'
import { patchSchema } from './commands/schema/patch.ts'
import { setActiveSchema } from './commands/schema/set-active.ts'
import { serverDump } from './commands/server-dump.ts'
import { start } from './commands/start.ts'
import { commitTransaction } from './commands/tx/commit.ts'
import { createTransaction } from './commands/tx/create.ts'
import { discardTransaction } from './commands/tx/discard.ts'
import { types } from './commands/types.ts'
import { version } from './commands/version.ts'

const p2p: CommandGroup = {
  kind: 'group',
  name: 'p2p',
  summary: 'Meet other nodes',
  commands: [
    peerInfo,
    connectPeer,
    disconnectPeer,
    invitePeer,
    activePeers,
    explainPeer,
    blockPeer,
    unblockPeer,
    blockedPeers,
    {
      kind: 'group',
      name: 'collection',
      summary: 'Subscribe to collections',
      commands: [addCollections, removeCollections, getAllCollections],
    },
    {
      kind: 'group',
      name: 'document',
      summary: 'Subscribe to documents, or fetch them',
      commands: [addDocuments, removeDocuments, getAllDocuments, syncDocuments],
    },
    {
      kind: 'group',
      name: 'replicator',
      summary: 'Replicate collections to a peer',
      commands: [setReplicator, deleteReplicator, getAllReplicators],
    },
  ],
}

const client: CommandGroup = {
  kind: 'group',
  name: 'client',
  summary: 'Ask a node that runs',
  options: { tx: { kind: 'text', value: 'id', description: 'the transaction to run in' } },
  commands: [
    query,
    {
      kind: 'group',
      name: 'schema',
      summary: 'Add and change schemas',
      commands: [addSchema, describeSchema, patchSchema, setActiveSchema],
    },
    {
      kind: 'group',
      name: 'collection',
      summary: 'Read and write the documents of a collection',
      options: COLLECTION_OPTIONS,
      commands: [createDocuments, getDocument, updateDocuments, deleteDocuments, listDocIDs, describeCollection, patchCollection],
    },
    { kind: 'group', name: 'index', summary: 'Create and delete indexes', commands: [createIndex, dropIndex, listIndexes] },
    {
      kind: 'group',
      name: 'tx',
      summary: 'Begin and end transactions',
      commands: [createTransaction, commitTransaction, discardTransaction],
    },
    { kind: 'group', name: 'backup', summary: 'Write documents to a file and read them back', commands: [exportBackup, importBackup] },
    { kind: 'group', name: 'block', summary: 'Look at blocks', commands: [verifySignature] },
    p2p,
    nodeIdentity,
    purge,
    dump,
  ],
}

const keyring: CommandGroup = {
  kind: 'group',
  name: 'keyring',
  summary: 'Keep the private keys of a node, encrypted',
  commands: [generateKeys, importKey, exportKey, listKeys],
}

const identity: CommandGroup = { kind: 'group', name: 'identity', summary: 'Make identities', commands: [newIdentity] }

/** Every command of `warrendb`. A new one is a file and a line here; help, parsing and the tests of both follow. */
export const COMMANDS: CommandGroup = {
  kind: 'group',
  name: 'warrendb',
  summary: 'A peer-to-peer document database. Runs a node, and asks one that runs.',
  commands: [start, client, keyring, identity, types, serverDump, version],
}
