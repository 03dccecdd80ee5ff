// A database elsewhere: the same interface over HTTP, in browsers and in Node, without the engine.
export { openHttpDatabase, type HttpDatabase, type HttpOptions } from './http/client.ts'
export { DatabaseError, isFailure, messageOf } from './errors.ts'
export type { Database, Document } from './database/database.ts'
