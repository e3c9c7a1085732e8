/**
 * The engine against a simple reference: whatever arrives, whoever works on it, and whatever dies, stops, comes
 * back or is forgotten by the store meanwhile, each record is processed, late or set aside as the reference says,
 * every output stands in the log exactly once, state is what the records add up to, and each source stands at its
 * end (P1 to P4, P6).
 *
 * 500 cases here, 10,000 with `npm run test:properties`. A failure prints a seed and a path; it is repeated by
 * `PROPERTY_SEED=<seed> PROPERTY_PATH=<path> npx vitest run --project unit test/properties`, and made smaller
 * (which takes its time) with `PROPERTY_SHRINK=1` before that.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { recordsOf, valuesOf } from '../support/engine-harness.ts'
import { FOUND_CASES } from '../support/found-cases.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'
import { CasePlayer, cases, KEYS, LIMIT, type Case } from '../support/tally-cases.ts'
import { expectedOf } from '../support/tally-reference.ts'
import { TALLY_TOPICS } from '../support/tally-topology.ts'
import { viewTask, type TaskView } from '../support/task-view.ts'

const { numbers, words, out } = TALLY_TOPICS
const parameters = propertyParameters(500)

it(
  'what comes out and what is kept follow from the records alone',
  async () => {
    await fc.assert(fc.asyncProperty(cases, check), {
      ...parameters,
      examples: process.env.PROPERTY_PATH === undefined ? FOUND_CASES.map((one) => [one]) : [],
      endOnFailure: process.env.PROPERTY_END === '1',
    })
  },
  propertyTimeoutMs(parameters),
)

async function check(one: Case): Promise<void> {
  const player = new CasePlayer(one)
  await player.play()
  const expected = expectedOf(player.laid, LIMIT)
  const views = await viewsOf(player)
  const sums = sumsOf(views)
  expect(sums.filter((line) => !expected.doubtful.includes(line))).toEqual(expected.sums)
  expect(await setAsideOf(player)).toEqual(expected.setAside)
  expect(positionsOf(views)).toEqual(await endsOf(player))
  await player.end()
  const ids = (await valuesOf(player.world.log, out)).map((value) => value.split('=')[0])
  expect(ids.sort()).toEqual(expected.outputs)
}

function viewsOf({ world }: CasePlayer): Promise<readonly TaskView[]> {
  const tasks = [0, 1].map((partition) => ({ topology: 'tally', partition }))
  return Promise.all(tasks.map((task) => viewTask(world.store, task, 1, KEYS)))
}

function sumsOf(views: readonly TaskView[]): readonly string[] {
  return views
    .flatMap((view) => view.cells)
    .map((cell) => cell.split('!')[0] ?? '')
    .sort()
}

/** `<topic>/<partition> <offset>`: where each source stands that has come to anything. */
function positionsOf(views: readonly TaskView[]): readonly string[] {
  return views
    .flatMap(({ meta }, partition) =>
      Object.entries(meta?.sources ?? {}).map(([topic, { position }]) => ({ topic, partition, position })),
    )
    .filter(({ position }) => position > 0)
    .map(({ topic, partition, position }) => `${topic}/${partition} ${position}`)
    .sort()
}

/** The same of the ends of the logs: filtered records and offsets without one are passed too (P1). */
async function endsOf({ world, topics }: CasePlayer): Promise<readonly string[]> {
  const bounds = await Promise.all(topics.map((topic) => world.log.bounds(topic)))
  return topics
    .flatMap((topic, at) => (bounds[at] ?? []).map(({ high }, partition) => ({ topic, partition, high })))
    .filter(({ high }) => high > 0)
    .map(({ topic, partition, high }) => `${topic}/${partition} ${high}`)
    .sort()
}

/** Once each: what is set aside may be written again (P1). */
async function setAsideOf({ world }: CasePlayer): Promise<readonly string[]> {
  const topics = [numbers, words].flatMap((topic) => [`late.${topic}`, `dlq.${topic}`])
  const records = (await Promise.all(topics.map((topic) => recordsOf(world.log, topic)))).flat()
  const lines = records.map(({ key, headers }) => {
    return `${String(key)} ${headers['__dlq.errors.reason']?.toString() ?? 'late'}`
  })
  return [...new Set(lines)].sort()
}
