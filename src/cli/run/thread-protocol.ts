/** What the main thread and a topology's thread say to each other. Plain data only. */
import type { Settings } from '../../service/settings.ts'

export const TOPOLOGY_NAMES = ['meter', 'classify', 'capacity', 'usage', 'enforcement'] as const
export type TopologyName = (typeof TOPOLOGY_NAMES)[number]

/** Handed to the thread at its start. */
export interface ThreadStart {
  readonly topology: TopologyName
  readonly settings: Settings
  readonly prettyLogs: boolean
  /** Of the turns that all topologies of the process take (engine/turns.ts). */
  readonly turns: SharedArrayBuffer
}

export type ToThread = { readonly kind: 'stop' } | { readonly kind: 'metrics'; readonly id: number }

export type FromThread =
  | { readonly kind: 'status'; readonly status: TopologyStatus }
  | { readonly kind: 'metrics'; readonly id: number; readonly json: readonly object[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: number }

export interface TopologyStatus {
  readonly topology: TopologyName
  /** Joined its group and holds ready whatever it was assigned. */
  readonly joined: boolean
  readonly ready: readonly number[]
  readonly acquiring: readonly number[]
  /** Services waited for, with how many partitions wait. */
  readonly waitingFor: Readonly<Record<string, number>>
  readonly lastContactMs: number
}

/** What keeps a topology from being ready, one line each; empty when it is. */
export function missingOf(status: TopologyStatus, nowMs: number, contactLimitMs: number): readonly string[] {
  const { topology } = status
  if (!status.joined) return [`${topology}: ${waiting(status) || 'joining its group'}`]
  const silentMs = nowMs - status.lastContactMs
  return [
    ...(status.acquiring.length > 0 ? [`${topology}: acquiring ${status.acquiring.length} partitions`] : []),
    ...(waiting(status) === '' ? [] : [`${topology}: ${waiting(status)}`]),
    ...(silentMs > contactLimitMs
      ? [`${topology}: no contact with its group for ${Math.round(silentMs / 1000)} s`]
      : []),
  ]
}

function waiting(status: TopologyStatus): string {
  return Object.entries(status.waitingFor)
    .map(([service, partitions]) => `waiting for ${service} (${partitions} partitions)`)
    .join(', ')
}
