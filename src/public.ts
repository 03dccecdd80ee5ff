// What every entry of the package exports beside its `openDatabase`.
export { DatabaseError, isFailure, messageOf, type ErrorCode, type ErrorDetails } from './errors.ts'
export { collectionSdl } from './schema/collection-sdl.ts'
export type { CollectionVersion, FieldDescription, IndexDescription } from './schema/collection-version.ts'
export type { DialectName } from './schema/dialect-name.ts'
export type { IndexRequest } from './schema/index-descriptions.ts'
export type { SchemaDescription, SchemaFieldDescription, SchemaFilter } from './schema/schema-json.ts'
export type { FieldKind, RelationKind, ValueKind } from './schema/kinds.ts'
export type { DocumentValue, JsonObject } from './schema/document-value.ts'
export { isSubscription } from './query/request/is-subscription.ts'
export type { QueryLimits } from './query/limits.ts'
export type { RequestError, RequestOptions, RequestResult } from './query/result.ts'
export type {
  BackupApi,
  BlocksApi,
  CallOptions,
  Collection,
  CollectionsApi,
  ConnectionFinding,
  ConnectionReport,
  Database,
  DatabaseEvents,
  DatabaseStatus,
  Document,
  DocumentChange,
  DumpedEntry,
  IndexApi,
  IndexViolation,
  InviteOptions,
  InviteSummary,
  JsonPatch,
  Link,
  P2PApi,
  PeerStatus,
  Progress,
  ProgressOptions,
  RefusedPeer,
  RelayStatus,
  ReplicatorsApi,
  ReplicatorStatus,
  Requests,
  SchemaApi,
  SubscribedCollectionsApi,
  SubscribedDocumentsApi,
  Transaction,
  TransactionOptions,
} from './database/database.ts'
export type { Embed, EmbeddingKeys, EmbedRequest } from './database/embedding/embed.ts'
export type { P2POptions } from './network/options.ts'
export type { OpenOptions } from './open-options.ts'
