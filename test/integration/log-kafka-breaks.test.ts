/**
 * A break at every question and every answer that go over the wire in a life of a client of Kafka, and of every
 * connection as it is made. The points are not typed here: one undisturbed life is lived to write down what is asked,
 * then one for each of them in which the connection breaks there. After each all works, nothing is lost or doubled,
 * and nothing is left.
 *
 * WIRE_BREAKS=all lives them all (some minutes), else those whose names have it: `JoinGroup 0 torn`. Without it there are
 * the first break of each kind at each kind of question, and some of the others.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { createTopics } from '../../src/log/kafka/admin.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { numbered } from '../conformance/log-fixture.ts'
import { BreakingSockets, BREAKS, CONNECTION, type BreakPoint } from '../support/breaking-sockets.ts'
import { describeIntegration } from '../support/integration.ts'
import { until } from '../support/until.ts'
import { Life, type Place } from './kafka-life.ts'
import { kafkaLogOptions, KafkaStrangers } from './log-fixtures.ts'

/** Lives that are lived at a time: most of one is waiting. */
const LANES = 8
/** One of so many points, beside the first of each kind. */
const STRIDE = 16
const LONGEST_MS = 3_600_000
/** What kafkajs still tries for a client that was closed. */
const TIMERS_WITHIN_MS = 20_000

function nameOf({ question, occurrence, how }: BreakPoint): string {
  return `${question} ${occurrence} ${how}`
}

/** All points of a life in which this was asked. */
function pointsOf(asked: readonly string[]): readonly BreakPoint[] {
  return [...Map.groupBy(asked, (question) => question)].flatMap(([question, all]) => {
    const ways = BREAKS.filter((how) => (how === 'refused') === (question === CONNECTION))
    return all.flatMap((_, occurrence) => ways.map((how) => ({ question, occurrence, how })))
  })
}

function chosen(points: readonly BreakPoint[]): readonly BreakPoint[] {
  const wanted = process.env['WIRE_BREAKS']
  if (wanted === 'all') return points
  if (wanted !== undefined) return points.filter((point) => nameOf(point).includes(wanted))
  return points.filter(({ occurrence }, index) => occurrence === 0 || index % STRIDE === 0)
}

/** What each kind of question met. */
function kindsOf(points: readonly BreakPoint[]): readonly string[] {
  return [...new Set(points.map(({ question, how }) => `${question} ${how}`))].sort()
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`
}

function timersNow(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

describeIntegration('a client of Kafka whose connections break', () => {
  const strangers = new KafkaStrangers()
  const judge = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
  const problems: string[] = []
  const met: BreakPoint[] = []
  const uncaught = (error: unknown): void => void problems.push(`nobody caught: ${textOf(error)}`)
  let places: readonly Place[]

  beforeAll(async () => {
    await strangers.connect()
    places = await newPlaces()
    process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught)
  })
  afterAll(async () => {
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught)
    await judge.close()
    await strangers.disconnect()
  })

  async function newPlaces(): Promise<readonly Place[]> {
    const run = randomUUID()
    const [source, left, right, news] = [`source-${run}`, `left-${run}`, `right-${run}`, `news-${run}`]
    const counts = { [source]: 2, [left]: LANES, [right]: LANES, [news]: 1 }
    const topics = Object.entries(counts).map(([name, partitions]) => {
      return { name, partitions, replicationFactor: 1, configs: {} }
    })
    await createTopics(strangers.admin, topics)
    const feed = async (): Promise<void> => {
      for (const partition of [0, 1]) await strangers.write(source, partition, numbered(0, 1))
    }
    await feed()
    return Array.from({ length: LANES }, (_, partition) => {
      return { source, outputs: [left, right], partition, news, judge, feed }
    })
  }

  async function liveWith(place: Place, point: BreakPoint): Promise<void> {
    const sockets = new BreakingSockets(point)
    try {
      await new Life(place, sockets).live()
    } catch (error) {
      problems.push(`${nameOf(point)}: ${textOf(error)}`)
    }
    if (sockets.broke) met.push(point)
  }

  it('gets over each of them, and leaves nothing behind', { timeout: LONGEST_MS }, async () => {
    const [place] = places
    if (place === undefined) throw new Error('nowhere to live')
    const undisturbed = new BreakingSockets(null)
    await new Life(place, undisturbed).live()
    const timers = timersNow()

    const points = chosen(pointsOf(undisturbed.asked))
    const left = [...points]
    const live = async (on: Place): Promise<void> => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) await liveWith(on, point)
    }
    await Promise.all(places.map(live))
    expect(problems).toEqual([])
    expect(kindsOf(met)).toEqual(kindsOf(points))
    await until('no timer is left', () => timersNow() <= timers, TIMERS_WITHIN_MS)
  })
})
