/**
 * The engine's own hooks: every await of a port is announced here, before and after. Tests enumerate crash
 * points from these; test/engine/probes.test.ts refuses a call of a port that no hook announces, so that a new
 * await cannot be forgotten. Production passes `noProbe`.
 */
export const PROBE_POINTS = [
  'group.join',
  'group.notes',
  'group.positions',
  'group.deaths',
  'group.rejoin',
  'group.leave',
  'acquire.producer',
  'acquire.fence',
  'acquire.store',
  'acquire.bounds',
  'acquire.neighbours',
  'acquire.crashed',
  'acquire.tail',
  'acquire.outbox',
  'acquire.timers',
  'acquire.fold',
  'load',
  'load.timers',
  'measure',
  'aside.bounds',
  'setAside',
  'commit',
  'publish',
  'stage.publish',
  'release',
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
