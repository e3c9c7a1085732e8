/** What a detector's condition read over the time of a scenario, beside what it wanted: for those who wrote the rule. */
import { detectorNames, RECORDED_JITTER } from '../../topology/names.ts'
import type { Bundle } from '../../topology/bundle.ts'
import { explain, type Explanation } from '../../topology/explanation.ts'
import { formatMinutes } from '../demo-story.ts'
import { changeText, leavesOf, told } from '../explained.ts'
import { table } from '../terminal.ts'
import type { Miss } from './expectation.ts'
import { START_MS } from './run-scenario.ts'
import type { Look } from './watch.ts'

const MOST_ROWS = 10

/** One look with its condition taken apart. */
interface Explained {
  readonly look: Look
  readonly explanation: Explanation
}

/** Lines of text: what each part is, then a row for each of some looks, then how near it came. */
export function looksTable(bundle: Bundle, miss: Miss, looks: readonly Look[]): readonly string[] {
  const own = looks.filter(
    ({ detectorId, accountId }) =>
      detectorId === miss.detectorId && (accountId === null || accountId === miss.accountId),
  )
  const explained = some(own).map((look) => ({ look, explanation: explainLook(bundle, look) }))
  const [first] = explained
  if (first === undefined) return ['its condition was never judged: no event of what it reads came']
  const leaves = leavesOf(first.explanation.condition)
  const names = leaves.map((_, at) => String.fromCharCode(97 + at))
  const legend = leaves.map((leaf, at) => `${names[at] ?? ''}  ${leaf.text}`)
  return [...legend, ...table([['time', ...names], ...explained.map(rowOf)]), ...nearness(bundle, own)]
}

/** The first, the last, the first that held, and as many between as fit. */
function some(looks: readonly Look[]): readonly Look[] {
  const step = Math.max(1, Math.ceil(looks.length / MOST_ROWS))
  const held = looks.find((look) => look.held)
  return looks.filter((look, at) => at % step === 0 || at === looks.length - 1 || look === held)
}

function rowOf({ look, explanation }: Explained): readonly string[] {
  const cells = leavesOf(explanation.condition).map((leaf) => {
    const text = told(leaf)
    return leaf.kind === 'comparison' && leaf.truth !== 'yes' ? `${text} ${leaf.truth}` : text
  })
  return [formatMinutes(look.timeMs - START_MS), ...cells]
}

/** When it came nearest, and what was missing; nothing where it held. */
function nearness(bundle: Bundle, looks: readonly Look[]): readonly string[] {
  if (looks.some((look) => look.held)) return []
  let best: { readonly look: Look; readonly words: string; readonly distance: number } | null = null
  for (const look of looks) {
    const change = explainLook(bundle, look).smallestChange
    if (change === null || (best !== null && change.distance >= best.distance)) continue
    best = { look, words: changeText(change), distance: change.distance }
  }
  if (best === null) return ['it cannot be said what was missing: what it reads is unknown']
  return [`nearest after ${formatMinutes(best.look.timeMs - START_MS)}: it wanted ${best.words}`]
}

function explainLook(bundle: Bundle, look: Look): Explanation {
  for (const { features, derived, lists, detectors } of bundle.topologies) {
    const detector = detectors.find(({ id }) => id === look.detectorId)
    if (detector !== undefined)
      return explain(
        detector.text.when,
        detectorNames(features, derived, Object.keys(lists), RECORDED_JITTER),
        look.readings,
      )
  }
  throw new Error(`no detector ${look.detectorId}`)
}
