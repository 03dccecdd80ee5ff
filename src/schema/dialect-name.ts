/**
 * The ways in which requests and schema texts can be spelled: as DefraDB 0.19 spells them, or as 1.0 does. A dialect is a way of speaking: nothing that is stored
 * depends on it, so a database can be opened with another one each time.
 */
export const DIALECT_NAMES = ['0.19', '1.0'] as const

export type DialectName = (typeof DIALECT_NAMES)[number]
