/** Durations as people write them in topologies: `90s`, `10m`, `1h`, `7d`, `250ms`. */
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a written duration; null where it is none. Zero is a duration, a sign or a fraction is not. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim())
  if (match === null) return null
  const unitMs = UNIT_MS[match[2] ?? '']
  return unitMs === undefined ? null : Number(match[1]) * unitMs
}

/** The shortest exact writing of a duration: 90000 is `90s`, 3600000 is `1h`. */
export function formatDuration(ms: number): string {
  for (const [unit, unitMs] of Object.entries(UNIT_MS).reverse()) {
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs}${unit}`
  }
  return `${ms}ms`
}
