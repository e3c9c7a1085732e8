/** The panes that a window is kept in: those that are named, or those of its length; or what is wrong with them. */
import { formatDuration } from '../domain/duration.ts'
import { defaultPaneMs } from './default-pane.ts'
import type { WindowShape } from './model.ts'

const MINUTE_MS = 60_000

/** State numbers panes by 31 bits, which are enough for those of a second. */
const MIN_PANE_MS = 1_000

/** Of one window: each may be kept for every key, and a window that is read anew adds them all up. */
const MOST_PANES = 2_000

/** Panes in which a sliding window of up to a minute is kept. */
const SHORT_PANES = 6

export interface PaneMistake {
  /** The word with which it is wrong. */
  readonly word: 'pane' | 'window' | 'sliding'
  readonly message: string
  readonly hint: string
}

/** @param pane what people wrote, in milliseconds */
export function paneMsOf(
  shape: Exclude<WindowShape, 'lasting'>,
  windowMs: number,
  pane: number | undefined,
): number | PaneMistake {
  if (shape === 'panes') return hoppingPaneMs(windowMs, pane)
  if (pane !== undefined) {
    const name = shape === 'session' ? 'session' : 'sliding window'
    return { word: 'pane', message: `a ${name} takes no panes`, hint: 'leave `pane` out' }
  }
  // A sliding window begins and ends anywhere, and chooses its panes for the cost alone; a session has none.
  if (shape === 'session') return windowMs
  const paneMs = windowMs > MINUTE_MS ? defaultPaneMs(windowMs) : Math.ceil(windowMs / SHORT_PANES)
  return tooMany('sliding', windowMs, paneMs) ?? paneMs
}

function hoppingPaneMs(windowMs: number, pane: number | undefined): number | PaneMistake {
  const paneMs = pane ?? defaultPaneMs(windowMs)
  const word = pane === undefined ? 'window' : 'pane'
  if (paneMs < MIN_PANE_MS) {
    const hint = `a pane is ${formatDuration(MIN_PANE_MS)} or longer; sliding can be shorter`
    return { word, message: `panes of ${formatDuration(paneMs)} are too short`, hint }
  }
  if (windowMs % paneMs === 0) return tooMany(word, windowMs, paneMs) ?? paneMs
  const message = `a window of ${formatDuration(windowMs)} cannot be cut into panes of ${formatDuration(paneMs)}`
  return { word, message, hint: 'give `pane`, a divisor of the window' }
}

function tooMany(word: PaneMistake['word'], windowMs: number, paneMs: number): PaneMistake | null {
  const panes = Math.ceil(windowMs / paneMs)
  if (panes <= MOST_PANES) return null
  const message = `a window of ${formatDuration(windowMs)} in panes of ${formatDuration(paneMs)} has ${panes} of them`
  return { word, message, hint: `at most ${MOST_PANES}: take longer panes, or a shorter window` }
}
