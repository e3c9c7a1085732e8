/** `bailiff policy list` and `show`: what has been published, by whom, and whether it may run here. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bundleOf } from '../compose/policies.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { atDesk } from '../people/desk.ts'
import { CONTROL_TOPIC, publishedAs, readPublished, type Published } from '../people/published.ts'
import { table } from '../terminal.ts'

const TOPICS = { reads: [CONTROL_TOPIC], writes: [] } as const

export function listPolicies(context: CommandContext, json: boolean): Promise<number> {
  return atDesk(context, TOPICS, async (desk) => {
    const all = await readPublished(desk)
    if (json) for (const one of all) context.print(JSON.stringify(summaryOf(one)))
    else {
      const rows = all
        .map(summaryOf)
        .map((one) => [
          String(one.version),
          one.bundleSha256.slice(0, 12),
          `policy ${one.policyVersion}`,
          `${one.scenarios} scenarios`,
          new Date(one.issuedAtMs).toISOString(),
          one.issuedBy,
          one.reason,
        ])
      for (const line of table(rows)) context.print(line)
      context.stderr.line(`${all.length} bundles published`)
    }
    return EXIT.ok
  })
}

export interface ShowOptions {
  /** Null writes no files. */
  readonly out: string | null
  readonly json: boolean
}

export function showPolicy(
  context: CommandContext,
  version: number,
  { out, json }: ShowOptions,
): Promise<number> {
  return atDesk(context, TOPICS, async (desk) => {
    const published = await publishedAs(desk, version)
    const bundle = bundleOf(published.policy)
    const problems = 'sha256' in bundle ? [] : bundle
    if (out !== null) writeFiles(published, out)
    if (json)
      context.print(JSON.stringify({ ...summaryOf(published), problems, files: published.policy.files }))
    else for (const line of inWords(published, problems)) context.print(line)
    return EXIT.ok
  })
}

function summaryOf({ version, issuedBy, issuedAtMs, reason, policy }: Published) {
  const { policyVersion, bundleSha256, approvedBy, tested } = policy
  const scenarios = tested?.scenarios ?? 0
  return { version, bundleSha256, policyVersion, scenarios, issuedBy, issuedAtMs, approvedBy, reason }
}

function inWords(published: Published, problems: readonly string[]): readonly string[] {
  const { version, bundleSha256, policyVersion, scenarios, issuedBy, issuedAtMs, reason } =
    summaryOf(published)
  return [
    `version ${version}: bundle ${bundleSha256}, policy ${policyVersion}`,
    `published by ${issuedBy}, ${new Date(issuedAtMs).toISOString()}: ${reason}`,
    `${scenarios} scenarios passed`,
    ...published.policy.files.map(({ name, text }) => `  ${name}, ${text.split('\n').length - 1} lines`),
    ...(problems.length === 0 ? [] : ['it must not run here:', ...problems]),
  ]
}

function writeFiles({ policy }: Published, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of policy.files) {
    if (name !== basename(name) || !name.endsWith('.yaml'))
      throw new CommandError(`${JSON.stringify(name)} is no name of a topology: nothing written`)
    writeFileSync(join(folder, name), text)
  }
}
