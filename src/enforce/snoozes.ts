/**
 * What people have snoozed: findings of an account, of one detector or of all, lead to no sanction by themselves until a
 * time. They are told as ever, and go to review.
 *
 * Z1. Every snooze has an end, a year away at most, and is over then without a word.
 * Z2. What was found by several detectors together is snoozed where one of them is.
 * Z3. What is in force stays in force: that is lifted by a decision of its own.
 */
import type { Decision, Snooze } from '../domain/case.ts'
import { MOST, type AccountStanding, type Finding } from './account-standing.ts'
import { detectorsOf } from './finding.ts'
import { counted, type Outcome } from './outcome.ts'
import type { Terms } from './terms.ts'

export const LONGEST_SNOOZE_MS = 366 * 86_400_000

export function isSnoozed(snoozes: readonly Snooze[], finding: Finding, nowMs: number): boolean {
  return snoozes.some(
    ({ detectorId, untilMs }) =>
      untilMs > nowMs && (detectorId === null || detectorsOf(finding).includes(detectorId)),
  )
}

/** The newest word on a detector counts, be it that its snooze ends. */
export function decideSnooze(
  { snoozes }: AccountStanding,
  { snooze }: Decision,
  { nowMs }: Terms,
): readonly Outcome[] {
  if (snooze === null) return [counted('nothingToDo')]
  const others = othersThan(snoozes, snooze, nowMs)
  const ends = snooze.untilMs <= nowMs
  if (ends && !snoozes.some((one) => one.detectorId === snooze.detectorId)) return [counted('nothingToDo')]
  if (!ends && others.length >= MOST.snoozes) return [counted('snoozesFull')]
  const untilMs = Math.min(snooze.untilMs, nowMs + LONGEST_SNOOZE_MS)
  return [{ kind: 'snoozed', snooze: { ...snooze, untilMs }, atMs: nowMs }]
}

export function snoozed(snoozes: readonly Snooze[], snooze: Snooze, atMs: number): readonly Snooze[] {
  const others = othersThan(snoozes, snooze, atMs)
  return snooze.untilMs > atMs ? [...others, snooze] : others
}

function othersThan(snoozes: readonly Snooze[], { detectorId }: Snooze, atMs: number): readonly Snooze[] {
  return snoozes.filter((one) => one.detectorId !== detectorId && one.untilMs > atMs)
}
