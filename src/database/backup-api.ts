import { exportBackup } from './backup/export.ts'
import { importBackup } from './backup/import.ts'
import type { BackupApi, CallOptions } from './database.ts'
import type { EngineCore } from './engine.ts'
import type { Session } from './session.ts'

/** `closing` fires when the database begins to close, and ends what runs. */
export function backupApi(core: EngineCore, session: Session, closing: AbortSignal): BackupApi {
  const ending = ({ signal }: CallOptions): AbortSignal => (signal === undefined ? closing : AbortSignal.any([closing, signal]))
  return {
    export: (options = {}) => {
      // Of a closed database this throws.
      session.catalog()
      return exportBackup(core, { ...options, signal: ending(options) })
    },
    import: (source, options = {}) => importBackup(session, source, { ...options, signal: ending(options) }),
  }
}
