/** After the faults: waits until the groups have read everything and nothing new comes out. */
import { Kafka, logLevel, type Admin } from 'kafkajs'

export interface CalmPlan {
  readonly brokers: readonly string[]
  /** Consumer group to the topics that it reads. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly outputs: readonly string[]
  /** Records that may be unread while the load still moves time on. */
  readonly lagAllowed: number
  /** How long nothing new may come out: longer than the longest term that expires. */
  readonly quietMs: number
  readonly withinMs: number
  readonly tell: (text: string) => void
  readonly stopped: () => boolean
}

const LOOK_MS = 1_000

/** False where it was not calm in time; then it has told what the brokers know of it. */
export async function untilCalm(plan: CalmPlan): Promise<boolean> {
  const kafka = new Kafka({ clientId: 'chaos-calm', brokers: [...plan.brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await watch(admin, plan)
  } finally {
    await admin.disconnect()
  }
}

async function watch(admin: Admin, plan: CalmPlan): Promise<boolean> {
  const endMs = Date.now() + plan.withinMs
  let last = ''
  let quietSinceMs = Date.now()
  let toldMs = 0
  while (Date.now() < endMs && !plan.stopped()) {
    const lags = await lagsOf(admin, plan.groups).catch(() => null)
    const lag = lags === null ? Infinity : [...lags.values()].reduce((sum, one) => sum + one, 0)
    const written = await endsOf(admin, plan.outputs).catch(() => 'unknown')
    if (written !== last || lag > plan.lagAllowed) quietSinceMs = Date.now()
    last = written
    if (Date.now() - quietSinceMs >= plan.quietMs) return true
    if (Date.now() - toldMs > 10_000) {
      toldMs = Date.now()
      const behind = lags === null ? 'unknown' : [...lags].map(([group, of]) => `${group} ${of}`).join(', ')
      plan.tell(`lag of ${behind}; quiet for ${Math.round((Date.now() - quietSinceMs) / 1000)} s`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  await tellWhatBrokersKnow(admin, plan).catch((error: unknown) => plan.tell(String(error)))
  return false
}

/** Members, what each group has told of each partition, and copies that are not in sync. */
async function tellWhatBrokersKnow(admin: Admin, { groups, tell }: CalmPlan): Promise<void> {
  for (const [groupId, topics] of Object.entries(groups)) {
    const startMs = Date.now()
    const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
    tell(`${groupId} answered in ${Date.now() - startMs} ms: ${JSON.stringify(committed)}`)
  }
  const { topics } = await admin.fetchTopicMetadata()
  for (const { name, partitions } of topics) {
    const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length)
    if (behind.length > 0) tell(`not all in sync: ${name} ${JSON.stringify(behind)}`)
  }
}

/** By group. */
async function lagsOf(admin: Admin, groups: CalmPlan['groups']): Promise<ReadonlyMap<string, number>> {
  const lags = new Map<string, number>()
  for (const [groupId, topics] of Object.entries(groups)) {
    let lag = 0
    const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
    for (const { topic, partitions } of committed) {
      for (const end of await admin.fetchTopicOffsets(topic)) {
        const at = partitions.find(({ partition }) => partition === end.partition)
        lag += Number(end.high) - Math.max(Number(end.low), Number(at?.offset ?? 0))
      }
    }
    lags.set(groupId, lag)
  }
  return lags
}

async function endsOf(admin: Admin, topics: readonly string[]): Promise<string> {
  const ends = await Promise.all(
    topics.map(async (topic) => (await admin.fetchTopicOffsets(topic)).map(({ high }) => high).join(',')),
  )
  return ends.join(';')
}
