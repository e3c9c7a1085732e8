/**
 * The fault hook: a probe that stops its own process, as a machine does that swaps or a container that is frozen,
 * at the very point that was asked for. Only somebody else can let it go on.
 */
import type { Probe, ProbePoint } from '../../src/engine/probe.ts'

/** Where a stopped owner is most dangerous: it believes that it may still write. */
export const STALL_POINTS = [
  'commit/before',
  'commit/after',
  'publish/before',
  'publish/after',
  'acquire.store/before',
  'acquire.store/after',
  'acquire.tail/after',
  'acquire.outbox/before',
] as const satisfies readonly `${ProbePoint}/${'before' | 'after'}`[]
export type StallPoint = (typeof STALL_POINTS)[number]

export class StallProbe implements Probe {
  readonly #stop: () => void
  #armed: string | null = null

  constructor(stop: () => void) {
    this.#stop = stop
  }

  /** The next one to reach the point stops. */
  arm(point: string): void {
    this.#armed = point
  }

  reach(point: ProbePoint, side: 'before' | 'after'): void {
    if (this.#armed !== `${point}/${side}`) return
    this.#armed = null
    this.#stop()
  }
}
