import type { Database } from './database.ts'

export const dump: Database['dump'] = () => {
  throw new Error('to come')
}
