/**
 * In which panes of a window something happened, as one number: a pane's is the power of two that its number has,
 * a window's the sum over its panes, so that panes come and go by addition.
 *
 * V1. Exact: doubles hold `MAX_ACTIVE_PANES` bits, and no two panes of a window of so many share one.
 */

/** Panes of the longest window. */
export const MAX_ACTIVE_PANES = 52

const HALF_BITS = 26
const HALF = 2 ** HALF_BITS

/** What a pane of that number holds once something happened in it. */
export function activeBit(paneNumber: number): number {
  return 2 ** place(paneNumber)
}

/** How many panes of the window were active; NaN where that is unknown. */
export function activePanes(window: number): number {
  return Number.isNaN(window) ? NaN : ones(window % HALF) + ones(Math.floor(window / HALF))
}

/** How many active panes in a row end with the pane of that number; 0 where that one is not active, NaN where that is unknown. */
export function streakUpTo(window: number, paneNumber: number): number {
  if (Number.isNaN(window)) return NaN
  let length = 0
  while (length < MAX_ACTIVE_PANES && isActive(window, paneNumber - length)) length++
  return length
}

function isActive(window: number, paneNumber: number): boolean {
  return Math.floor(window / activeBit(paneNumber)) % 2 === 1
}

function place(paneNumber: number): number {
  return ((paneNumber % MAX_ACTIVE_PANES) + MAX_ACTIVE_PANES) % MAX_ACTIVE_PANES
}

function ones(half: number): number {
  let count = 0
  for (let rest = half; rest !== 0; rest &= rest - 1) count++
  return count
}
