/** Durations that are written as they should be and most often are not what was meant: a millisecond for an hour, years for days. */
import { formatDuration } from '../domain/duration.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { RawClause, RawLadder, RawPolicy } from './policy-schema.ts'
import type { Problem } from './problem.ts'
import type { RawTopology } from './topology-schema.ts'

/** A duration with its place, and between what it is no surprise. */
interface Placed {
  readonly path: Path
  readonly ms: number | undefined
  readonly usual: Usual
}

interface Usual {
  readonly leastMs: number
  readonly mostMs: number
  /** What one outside of these does. */
  readonly short: string
  readonly long: string
}

/** Of a severity, or of a clause that replaces some of its words. */
type LadderWords = RawLadder | RawClause['ladder']

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

const EPISODE: Usual = {
  leastMs: MINUTE_MS,
  mostMs: YEAR_MS,
  short: 'nearly every event is an episode of its own, with a signal',
  long: 'what goes on is told once, and then not for years',
}
const LATENESS: Usual = {
  leastMs: SECOND_MS,
  mostMs: DAY_MS,
  short: 'hardly an event that comes out of turn is counted',
  long: 'every window is kept for so much longer',
}
const MOVING: Usual = {
  leastMs: SECOND_MS,
  mostMs: Infinity,
  short: 'hardly two events are that near to each other',
  long: '',
}
const MEASURE: Usual = {
  leastMs: MINUTE_MS,
  mostMs: 10 * YEAR_MS,
  short: 'it is over before anybody has heard of it',
  long: 'it has no end that anybody will see',
}
const REVIEW: Usual = {
  leastMs: MINUTE_MS,
  mostMs: YEAR_MS,
  short: 'nobody can look as soon as that',
  long: 'nobody will know of it any more',
}
const STRIKE: Usual = {
  leastMs: HOUR_MS,
  mostMs: 10 * YEAR_MS,
  short: 'no strike lives to see a second one',
  long: 'nobody gets a second chance',
}
const COOL_DOWN: Usual = {
  leastMs: 0,
  mostMs: YEAR_MS,
  short: '',
  long: 'no second step follows for years',
}
const APPEAL: Usual = {
  leastMs: DAY_MS,
  mostMs: 10 * YEAR_MS,
  short: 'hardly anybody has read the notice by then',
  long: 'all that is appealed against is kept for as long',
}

export function oddDurationsOfTopology(raw: RawTopology, yaml: LocatedYaml): readonly Problem[] {
  const features = Object.entries(raw.features).flatMap(([name, { sliding, session }]): Placed[] => [
    { path: ['features', name, 'sliding'], ms: sliding, usual: MOVING },
    { path: ['features', name, 'session'], ms: session, usual: MOVING },
  ])
  const detectors = raw.detectors.map(({ once }, at): Placed => {
    return { path: ['detectors', at, 'once'], ms: once, usual: EPISODE }
  })
  return oddOnes([{ path: ['lateness'], ms: raw.lateness, usual: LATENESS }, ...features, ...detectors], yaml)
}

export function oddDurationsOfPolicy(raw: RawPolicy, yaml: LocatedYaml): readonly Problem[] {
  const common = Object.entries(raw.ladders).flatMap(([severity, ladder]) =>
    ofLadder(ladder, ['ladders', severity]),
  )
  const own = raw.clauses.flatMap(({ ladder }, at) => ofLadder(ladder, ['clauses', at, 'ladder']))
  return oddOnes([{ path: ['appealWindow'], ms: raw.appealWindow, usual: APPEAL }, ...common, ...own], yaml)
}

function ofLadder({ steps = [], coolDown, strikeExpiry }: LadderWords, path: Path): readonly Placed[] {
  const ofSteps = steps.flatMap(({ duration, within }, at): Placed[] => [
    { path: [...path, 'steps', at, 'duration'], ms: duration, usual: MEASURE },
    { path: [...path, 'steps', at, 'within'], ms: within, usual: REVIEW },
  ])
  return [
    { path: [...path, 'coolDown'], ms: coolDown, usual: COOL_DOWN },
    { path: [...path, 'strikeExpiry'], ms: strikeExpiry, usual: STRIKE },
    ...ofSteps,
  ]
}

function oddOnes(placed: readonly Placed[], yaml: LocatedYaml): readonly Problem[] {
  return placed.flatMap(({ path, ms, usual }) => {
    if (ms === undefined || (ms >= usual.leastMs && ms <= usual.mostMs)) return []
    const message = `${path.at(-1) ?? ''} of ${formatDuration(ms)}: ${ms < usual.leastMs ? usual.short : usual.long}`
    return [yaml.problemAt(path, 'odd-duration', message, 'write 90s, 10m, 1h or 7d')]
  })
}
