/** What each source gives to conditions, and by which key it flows. */
import type { Collection, CompiledTopology } from './model.ts'

export interface SourceKind {
  readonly key: CompiledTopology['key']
  readonly collections: readonly Collection[]
  /** Whether it tells of the account itself: tier, quota, grants. */
  readonly account: boolean
}

export const SOURCES: Readonly<Record<string, SourceKind>> = {
  'inference.usage.v1': { key: 'accountId', collections: ['usage', 'arrivals'], account: false },
  'inference.verdicts.v1': { key: 'accountId', collections: ['verdicts'], account: false },
  'accounts.events.v1': { key: 'accountId', collections: ['accountEvents'], account: false },
  'accounts.state.v1': { key: 'accountId', collections: [], account: true },
  'abuse.standing.v1': { key: 'accountId', collections: [], account: false },
  'gpu.telemetry.v1': { key: 'poolId', collections: ['telemetry'], account: false },
}

/** The topic that carries a collection's events. */
export function sourceOf(collection: Collection): string {
  return Object.entries(SOURCES).find(([, kind]) => kind.collections.includes(collection))?.[0] ?? ''
}

/** The topic that carries the accounts as they are now. */
export const ACCOUNT_SOURCE = 'accounts.state.v1'

/** The topic by which enforcement tells what accounts stand under. */
export const STANDING_SOURCE = 'abuse.standing.v1'

/** The topic by which `capacity` tells of pools. */
export const PRESSURE_SOURCE = 'abuse.pool-pressure.v1'
