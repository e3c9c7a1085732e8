/**
 * One finding of one detector about one actor. It accuses nobody: the ladder decides what follows.
 *
 * S1. The id is a keyed function of detector, actor and episode alone, so that a repeat is the same record.
 * S2. It carries figures and pointers, never content.
 */
import type { Actor } from './actor.ts'

/** The clause of a detector that belongs to none: what it finds accuses nobody. */
export const NO_CLAUSE = 'none'

export type DetectorMode = 'shadow' | 'canary' | 'live'

/** A value that the condition read, under the name by which the detector knows it. */
export interface Evidence {
  readonly name: string
  readonly value: number
}

/** A name that the condition read and what it told: a figure (true is 1, false is 0), a text, or neither where unknown. */
export interface Reading {
  readonly name: string
  readonly value: number | null
  readonly text: string | null
  /**
   * How far the figure may be from the exact one, in its own unit: a standard error of how many values are different, else
   * the most. 0: exact. Null: of what is no figure, and in signals from before it was told.
   */
  readonly error: number | null
}

/** Where the proof lies: a record's position and the request that it tells of. */
export interface EvidencePointer {
  readonly requestId: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Keyed hash of the template with which the request was asked; null where nobody knows. */
  readonly templateHash: string | null
}

export interface Signal {
  readonly id: string
  readonly detectorId: string
  readonly detectorVersion: number
  readonly mode: DetectorMode
  readonly clause: string
  readonly actor: Actor
  /** 0 to 1, three decimals. */
  readonly confidence: number
  /** Event time of the record that completed the condition. */
  readonly occurredAtMs: number
  readonly windowStartMs: number
  readonly windowEndMs: number
  /** floor(event time / `once`). */
  readonly episode: number
  readonly evidence: readonly Evidence[]
  /** All that the condition read, so that it can be explained later, with the values put in. */
  readonly readings: readonly Reading[]
  readonly pointers: readonly EvidencePointer[]
  /** What the sanction may be narrowed to, where the evidence points at one. */
  readonly capability: string | null
  readonly poolId: string | null
  readonly policyVersion: number
  /** SHA-256 of the bundle that judged; null in signals from before it was told. */
  readonly bundleSha256: string | null
  /** Offsets of the broadcast snapshots that were read, `topic/partition` to next offset. */
  readonly broadcastOffsets: Readonly<Record<string, number>>
}
