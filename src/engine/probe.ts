/**
 * The engine's own hooks: every await at which a crash could fall is announced here, before and after. Tests
 * enumerate crash points from these, so that a new await cannot be forgotten; production passes `noProbe`.
 */
export const PROBE_POINTS = [
  'acquire.fence',
  'acquire.store',
  'acquire.tail',
  'acquire.outbox',
  'acquire.timers',
  'acquire.fold',
  'load',
  'setAside',
  'commit',
  'publish',
  'stage.publish',
  'stage.positions',
] as const
export type ProbePoint = (typeof PROBE_POINTS)[number]

export interface Probe {
  /** May throw (a crash) or wait (a stopped process). */
  reach(point: ProbePoint, side: 'before' | 'after'): void | Promise<void>
}

export const noProbe: Probe = { reach: () => undefined }

/** Runs one awaited operation between its two hooks. */
export async function probed<T>(probe: Probe, point: ProbePoint, operation: () => Promise<T>): Promise<T> {
  await probe.reach(point, 'before')
  const result = await operation()
  await probe.reach(point, 'after')
  return result
}
