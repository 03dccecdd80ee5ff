/** Where the API lies, and the header that names a transaction: as the reference has them. */
export const API_PATH = '/api/v0'
export const TRANSACTION_HEADER = 'x-defradb-tx'
/** Port of the HTTP API, as the reference has it. */
export const DEFAULT_API_PORT = 9181
