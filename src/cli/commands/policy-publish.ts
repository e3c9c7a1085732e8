/**
 * `bailiff policy publish [FOLDER]`: topologies that pass `check` and all of their scenarios, signed, onto the control
 * topic. Exit 1, and nothing written, where they do not, or where a topic keeps less than a window needs. `roll-back` publishes an older bundle anew.
 */
import { createHash } from 'node:crypto'
import { loadFlows, type Flows } from '../../codec/schema-files.ts'
import type { ActivePolicy } from '../../domain/control.ts'
import { systemClock } from '../../domain/clock.ts'
import { renderProblem } from '../../topology/problem.ts'
import { readBundle, scenarioFolderOf, type ReadBundle } from '../compose/bundle.ts'
import { LENGTHEN, windowsNotKept } from '../compose/kept-windows.ts'
import { bundleOf } from '../compose/policies.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT, usageError } from '../exit.ts'
import { atDesk, signingOf, type Desk } from '../people/desk.ts'
import { CONTROL_TOPIC, nextVersion, publish, publishedAs, readPublished } from '../people/published.ts'
import { missLines, runScenarios } from '../scenarios/run-scenarios.ts'

export interface PublishOptions {
  /** Null: beside the topologies, under `test/scenarios`. */
  readonly scenarios: string | null
  readonly reason: string
  readonly dryRun: boolean
  readonly json: boolean
}

const TOPICS = { reads: [CONTROL_TOPIC], writes: [CONTROL_TOPIC] } as const

export async function publishPolicy(
  context: CommandContext,
  folder: string | null,
  options: PublishOptions,
): Promise<number> {
  if (!options.dryRun && options.reason.trim() === '') throw usageError(['--reason: say why'])
  // Who cannot sign is told before the scenarios have been run.
  if (!options.dryRun) await signingOf(context)
  const topologies = folder ?? context.settings.topologiesFolder
  const policy = await testedPolicy(context, topologies, options.scenarios ?? scenarioFolderOf(topologies))
  if (options.dryRun) return tell(context, { version: null, policy }, options.json)
  return atDesk(context, TOPICS, async (desk) => {
    const lost = await windowsLost(desk, policy)
    if (lost.length > 0) throw new CommandError([...lost, `not published: ${LENGTHEN}`].join('\n'))
    const [newest] = await readPublished(desk)
    if (newest?.policy.bundleSha256 !== policy.bundleSha256)
      return publishNext(context, desk, policy, options)
    context.stderr.line(`version ${newest.version} is that already: nothing published`)
    return tell(context, newest, options.json)
  })
}

export function rollBackPolicy(
  context: CommandContext,
  version: number,
  options: { readonly reason: string; readonly json: boolean },
): Promise<number> {
  return atDesk(context, TOPICS, async (desk) => {
    const { policy } = await publishedAs(desk, version)
    const bundle = bundleOf(policy)
    if ('sha256' in bundle) {
      // Whoever goes back is in a hurry, and to what has run before.
      const lost = await windowsLost(desk, policy)
      for (const message of lost) context.stderr.line(`warning: ${message}; ${LENGTHEN}`)
      return publishNext(context, desk, policy, options)
    }
    throw new CommandError([`version ${version} must not run any more:`, ...bundle].join('\n'))
  })
}

/** Windows that would be wrong after a rebuild, because a topic of this broker keeps less. */
async function windowsLost(desk: Desk, policy: ActivePolicy): Promise<readonly string[]> {
  const bundle = bundleOf(policy)
  return 'sha256' in bundle ? windowsNotKept(desk, bundle.topologies) : []
}

async function publishNext(
  context: CommandContext,
  desk: Desk,
  policy: ActivePolicy,
  { reason, json }: { readonly reason: string; readonly json: boolean },
): Promise<number> {
  const signing = await signingOf(context)
  const version = await nextVersion(desk)
  const control = {
    // One for each, so that compaction keeps them all, and none takes the place of another.
    id: `policy/${version}/${policy.bundleSha256.slice(0, 12)}`,
    version,
    issuedBy: signing.person,
    issuedAtMs: systemClock.now(),
    reason,
    expiresAtMs: null,
    policy: { ...policy, approvedBy: [signing.person] },
    killSwitch: null,
    list: null,
    signature: null,
  }
  await publish(desk, await signing.sign<typeof control & { signature: string | null }>(control))
  return tell(context, control, json)
}

/** What is to be published; throws with every problem and every scenario that failed. */
async function testedPolicy(
  context: CommandContext,
  folder: string,
  scenarioFolder: string,
): Promise<ActivePolicy> {
  const flows = loadFlows({}, context.settings.schemasFolder)
  const checked = readBundle(folder, scenarioFolder, flows.table)
  const { bundle, problems, scenarios } = checked
  if (bundle === null) {
    const told = problems.map((problem) => renderProblem(problem))
    throw new CommandError([...told, `not published: ${problems.length} problems`].join('\n'))
  }
  if (scenarios.length === 0)
    throw new CommandError(`not published: ${scenarioFolder} has no scenarios to test it with (--scenarios)`)
  const passed = await passedScenarios(context, flows, bundle, checked, folder)
  return {
    policyVersion: bundle.policy.version,
    bundleSha256: bundle.sha256,
    approvedBy: [],
    files: [...checked.texts].map(([name, text]) => ({ name, text })),
    tested: { scenarios: passed, scenariosSha256: sha256(JSON.stringify([...checked.scenarioTexts])) },
  }
}

/** How many; throws where one is not as it says. */
async function passedScenarios(
  context: CommandContext,
  flows: Flows,
  bundle: NonNullable<ReadBundle['bundle']>,
  { scenarios }: ReadBundle,
  folder: string,
): Promise<number> {
  const tested = await runScenarios(flows, bundle, scenarios, {
    begins: (at) => context.stderr.status(at),
    tested: () => undefined,
  })
  context.stderr.status('')
  const failed = tested.flatMap((one) => missLines(one))
  if (failed.length === 0) return tested.length
  throw new CommandError(
    [...failed, `not published: see \`bailiff test ${folder}\` for what their conditions read`].join('\n'),
  )
}

function tell(
  context: CommandContext,
  { version, policy }: { readonly version: number | null; readonly policy: ActivePolicy },
  json: boolean,
): number {
  const { policyVersion, bundleSha256, tested, files } = policy
  const scenarios = tested?.scenarios ?? 0
  if (json)
    context.print(
      JSON.stringify({
        version,
        policyVersion,
        bundleSha256,
        scenarios,
        files: files.map(({ name }) => name),
      }),
    )
  else {
    const what = version === null ? 'would be published' : `version ${version}`
    context.print(`${what}: bundle ${bundleSha256}, policy ${policyVersion}, ${scenarios} scenarios passed`)
  }
  return EXIT.ok
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
