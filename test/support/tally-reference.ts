/**
 * What must come of any input of the tally topology, computed anew in one pass over each source partition. Shares
 * no code with the engine: whoever changes the engine's rules must change them here too, and say why.
 */
const MINUTE_MS = 60_000
const LATENESS_MS = 30_000
const MAX_FUTURE_MS = 600_000
const KEPT_MINUTES = 11

/** One record as it lies in its log. */
export interface Laid {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly appendTimeMs: number
  /** Partition to which its key belongs; null without a key. */
  readonly home: number | null
  readonly key: string
  /** Null for bytes that are no amount: `damaged` is set aside, `other` passed over. */
  readonly body: { readonly timeMs: number; readonly amount: number } | 'damaged' | 'other'
  /** Where a stage says it has it from: repeats carry what is not newer. */
  readonly origin: { readonly name: string; readonly position: readonly [number, number] } | null
}

export interface Expected {
  /** `<topic>/<partition>/<offset> <reason>` of all that is set aside, late records included. */
  readonly setAside: readonly string[]
  /** `<slot> <key> <sum>` of what is still kept. */
  readonly sums: readonly string[]
  /** What repeats and late records may have made the task forget earlier: by its timers, they move time too. */
  readonly doubtful: readonly string[]
  /** Ids of alarms, closings and reminders, each once. */
  readonly outputs: readonly string[]
}

interface Counted {
  readonly partition: number
  readonly key: string
  readonly minute: number
  readonly amount: number
  readonly progressMs: number
}

export function expectedOf(records: readonly Laid[], limit: number): Expected {
  const setAside: string[] = []
  const counted: Counted[] = []
  for (const source of Map.groupBy(records, ({ topic, partition }) => `${topic}/${partition}`).values()) {
    passOver(source, setAside, counted)
  }
  const progressMs = new Map<number, number>()
  const latestMs = new Map<number, number>()
  for (const { partition, body, appendTimeMs, ...rest } of records) {
    if (typeof body === 'string' || refusal({ partition, body, appendTimeMs, ...rest }) !== null) continue
    const atMs = Math.min(body.timeMs, appendTimeMs)
    latestMs.set(partition, Math.max(latestMs.get(partition) ?? -Infinity, atMs))
  }
  const sums = new Map<string, { partition: number; minute: number; key: string; sum: number }>()
  for (const { partition, key, minute, amount, progressMs: atMs } of counted) {
    progressMs.set(partition, Math.max(progressMs.get(partition) ?? -Infinity, atMs))
    const sum = sums.get(`${key}:${minute}`)?.sum ?? 0
    sums.set(`${key}:${minute}`, { partition, minute, key, sum: sum + amount })
  }
  const all = [...sums.values()]
  const kept = (reached: ReadonlyMap<number, number>): string[] =>
    all
      .filter((one) => (one.minute + KEPT_MINUTES) * MINUTE_MS > (reached.get(one.partition) ?? 0))
      .map(({ minute, key, sum }) => `1m:${minute} ${key} ${sum}`)
  const certain = new Set(kept(latestMs))
  const alarmed = all.filter((one) => one.sum > limit)
  return {
    setAside: setAside.sort(),
    sums: [...certain].sort(),
    doubtful: kept(progressMs).filter((line) => !certain.has(line)),
    outputs: [
      ...alarmed.flatMap(({ key, minute }) => [`alarm:${key}:${minute}`, `remind:${key}:${minute}`]),
      ...all.map(({ key, minute }) => `close:${key}:${minute}`),
    ].sort(),
  }
}

/** One source partition in the order of its offsets. */
function passOver(records: readonly Laid[], setAside: string[], counted: Counted[]): void {
  const newest = new Map<string, readonly [number, number]>()
  let streamTimeMs = -Infinity
  for (const record of records) {
    const refused = refusal(record)
    const { body, origin } = record
    if (refused !== null) setAside.push(`${record.topic}/${record.partition}/${record.offset} ${refused}`)
    if (refused !== null || typeof body === 'string') continue
    if (origin !== null) {
      const mark = newest.get(origin.name)
      if (mark !== undefined && !later(origin.position, mark)) continue
      newest.set(origin.name, origin.position)
    }
    const timeMs = Math.min(body.timeMs, record.appendTimeMs)
    streamTimeMs = Math.max(streamTimeMs, timeMs)
    if (body.timeMs < streamTimeMs - LATENESS_MS) {
      setAside.push(`${record.topic}/${record.partition}/${record.offset} late`)
      continue
    }
    const minute = Math.floor(body.timeMs / MINUTE_MS)
    const { partition, key } = record
    counted.push({ partition, key, minute, amount: body.amount, progressMs: timeMs })
  }
}

function refusal({ home, partition, body, appendTimeMs }: Laid): string | null {
  if (home === null) return 'nullKey'
  if (home !== partition) return 'wrongPartition'
  if (body === 'damaged') return 'undecodable'
  if (body === 'other') return null
  return body.timeMs - appendTimeMs > MAX_FUTURE_MS ? 'future' : null
}

function later(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0]
}
