/** Honest customers that take much of a pool: one within its contract, one on its launch day while GPUs fail. */
import { identity, plan } from '../account.ts'
import { ClosedLoop, PacedArrivals } from '../arrivals.ts'
import { customerOf, waits } from '../asking.ts'
import { minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'

const DETECTOR = 'exhaustion.gpu-hog'

/** Takes most of a pool that is full, with others waiting, and has bought exactly that. */
export function hugeCustomer(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-huge'
  const span = { fromMs: minutesIn(stage, 15), toMs: minutesIn(stage, 50) }
  const contract = plan('contract', 1_200, 40_000, 200_000_000, 40_000)
  const customer = customerOf({
    who: identity({ accountId, plan: contract, nowMs: stage.fromMs, keys: 3, addresses: 6 }, random),
    arrivals: new ClosedLoop(60, 300, span, random),
    random,
    patience: waits(5),
    ask: () => ({
      model: POOLS.busy.model,
      poolId: POOLS.busy.poolId,
      tokens: { inputTokens: random.integer(4_000, 9_000), outputTokens: random.integer(1_000, 3_000) },
      cachedShare: 0.3,
    }),
  })
  const lookAlike = {
    accountId,
    like: 'the big customer within its contract, on a full pool',
    detectorId: DETECTOR,
  }
  return { ...NOBODY, customers: [customer], lookAlikes: [lookAlike], requests: requestsAt(2_000, span) }
}

const LAUNCH_PER_HOUR = 5_000
const USUAL_PER_HOUR = 200

/** Twenty-five times its usual rate within twenty minutes, and in the middle of it the pool loses GPUs. */
export function launchDay(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-launch'
  const [fromMs, fullMs] = [minutesIn(stage, 10), minutesIn(stage, 30)]
  const rampMs = Math.max(1, fullMs - fromMs)
  const progress = (nowMs: number) => Math.min(1, Math.max(0, (nowMs - fromMs) / rampMs))
  const contract = plan('contract', 600, 12_000, 40_000_000, 9_000)
  const customer = customerOf({
    who: identity({ accountId, plan: contract, nowMs: stage.fromMs, keys: 2, addresses: 4 }, random),
    arrivals: new PacedArrivals(
      (nowMs) => USUAL_PER_HOUR + (LAUNCH_PER_HOUR - USUAL_PER_HOUR) * progress(nowMs),
      1.2,
      stage,
      random,
    ),
    random,
    patience: waits(3),
    ask: () => ({
      model: POOLS.launch.model,
      poolId: POOLS.launch.poolId,
      tokens: { inputTokens: random.integer(600, 2_400), outputTokens: random.integer(100, 400) },
      endUserId: `${accountId}-visitor${random.integer(1, 5_000)}`,
    }),
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'a launch day while GPUs fail', detectorId: DETECTOR }],
    incidents: [
      { kind: 'gpus', poolId: POOLS.launch.poolId, atMs: minutesIn(stage, 32), gpuShare: 0.6 },
      { kind: 'gpus', poolId: POOLS.launch.poolId, atMs: minutesIn(stage, 44), gpuShare: 1 },
    ],
    requests: requestsAt((2 * LAUNCH_PER_HOUR) / 3, stage),
  }
}
