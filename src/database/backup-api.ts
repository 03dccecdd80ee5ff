import type { BackupApi } from './database.ts'

export function backupApi(): BackupApi {
  return {
    export: () => {
      throw new Error()
    },
    import: () => {
      throw new Error()
    },
  }
}
