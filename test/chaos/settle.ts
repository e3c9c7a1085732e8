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

/** False where it was not calm in time. */
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
    const lag = await lagOf(admin, plan.groups).catch(() => Infinity)
    const written = await endsOf(admin, plan.outputs).catch(() => 'unknown')
    if (written !== last || lag > plan.lagAllowed) quietSinceMs = Date.now()
    last = written
    if (Date.now() - quietSinceMs >= plan.quietMs) return true
    if (Date.now() - toldMs > 10_000) {
      toldMs = Date.now()
      plan.tell(`lag ${lag}, quiet for ${Math.round((Date.now() - quietSinceMs) / 1000)} s`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return false
}

async function lagOf(admin: Admin, groups: CalmPlan['groups']): Promise<number> {
  let lag = 0
  for (const [groupId, topics] of Object.entries(groups)) {
    const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
    for (const { topic, partitions } of committed) {
      for (const end of await admin.fetchTopicOffsets(topic)) {
        const at = partitions.find(({ partition }) => partition === end.partition)
        lag += Number(end.high) - Math.max(Number(end.low), Number(at?.offset ?? 0))
      }
    }
  }
  return lag
}

async function endsOf(admin: Admin, topics: readonly string[]): Promise<string> {
  const ends = await Promise.all(
    topics.map(async (topic) => (await admin.fetchTopicOffsets(topic)).map(({ high }) => high).join(',')),
  )
  return ends.join(';')
}
