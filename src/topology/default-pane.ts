/** The panes that a window moves in where nobody says otherwise. */
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Window to pane length: fine where windows are short, a dozen or two panes where they are long. */
export function defaultPaneMs(windowMs: number): number {
  if (windowMs <= MINUTE_MS) return windowMs
  if (windowMs <= 10 * MINUTE_MS) return MINUTE_MS
  if (windowMs <= HOUR_MS) return 5 * MINUTE_MS
  if (windowMs <= DAY_MS) return HOUR_MS
  return windowMs <= 7 * DAY_MS ? 6 * HOUR_MS : DAY_MS
}
