/** Words of other languages for what this one has, for whoever tries them. */

export interface Meant {
  /** The word of this language; told where it can stand. */
  readonly word: string
  readonly hint: string
  readonly others: readonly string[]
}

/** Of features, detectors and scenarios. */
const MEANT: readonly Meant[] = [
  { word: 'mean', hint: 'write mean', others: ['avg', 'average'] },
  { word: 'quantile', hint: 'write quantile, with share: 0.5', others: ['median', 'p50'] },
  {
    word: 'quantile',
    hint: 'write quantile, with its share, as in share: 0.95',
    others: ['percentile', 'p90', 'p95', 'p99'],
  },
  {
    word: 'distinct',
    hint: 'write distinct',
    others: ['unique', 'uniq', 'countDistinct', 'count_distinct', 'cardinality'],
  },
  { word: 'sum', hint: 'write sum', others: ['total'] },
  { word: 'where', hint: 'write where', others: ['filter', 'condition', 'if', 'when'] },
  { word: 'by', hint: 'write by', others: ['groupBy', 'group_by', 'per', 'key'] },
  {
    word: 'window',
    hint: 'write window, and pane for how far it hops',
    others: ['tumbling', 'hopping', 'over', 'duration'],
  },
  { word: 'when', hint: 'write when', others: ['condition', 'if', 'rule'] },
  { word: 'once', hint: 'write once', others: ['cooldown', 'coolDown', 'suppress', 'throttle'] },
  {
    word: 'lookAlikes',
    hint: 'what follows is told by its clause, in aup.yaml',
    others: ['severity', 'action', 'actions', 'sanction', 'ladder'],
  },
  {
    word: 'perMinute',
    hint: 'write perMinute, with sixty times as many',
    others: ['perSecond', 'rps', 'qps'],
  },
  { word: 'perMinute', hint: 'write perMinute', others: ['rate', 'rpm'] },
]

/**
 * What to write instead; null where nothing is known to be meant.
 *
 * @param here the words that can stand in its place
 */
export function meantByOther(other: string, here: readonly string[]): Meant | null {
  return MEANT.find(({ word, others }) => here.includes(word) && others.includes(other)) ?? null
}
