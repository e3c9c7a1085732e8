/** The commands of those who own the rules: bundles, published to every process at once. */
import type { Command } from 'commander'
import type { Act } from './people-commands.ts'

type Whole = (text: string) => number

export function addPolicyCommands(root: Command, act: Act, whole: Whole): void {
  const policy = root
    .command('policy')
    .description('bundles of policy and topologies, published to every process')
  addPublish(policy, act)
  addRollBack(policy, act, whole)
  policy
    .command('list')
    .description('published bundles, the newest first')
    .option('--json', 'bundles as JSON lines', false)
    .action((options: { json: boolean }) =>
      act(async (context) => (await import('./commands/policy.ts')).listPolicies(context, options.json))(),
    )
  policy
    .command('show')
    .argument('<version>', 'as list names it', whole)
    .description('one published bundle: who signed it, when, why, and whether it may run here')
    .option('--out <folder>', 'writes its files there, to be checked or replayed with BAILIFF_TOPOLOGIES')
    .option('--json', 'all of it, files too, as one JSON object', false)
    .action((version: number, options: { out?: string; json: boolean }) =>
      act(async (context) => {
        const { showPolicy } = await import('./commands/policy.ts')
        return showPolicy(context, version, { ...options, out: options.out ?? null })
      })(),
    )
}

function addPublish(policy: Command, act: Act): void {
  policy
    .command('publish [folder]')
    .description('checks and tests the topologies, signs them, and makes every process run them')
    .option('--scenarios <folder>', 'where its scenarios are')
    .option('--reason <text>', 'why, in your words', '')
    .option('--dry-run', 'checks and tests only', false)
    .option('--json', 'what was published as one JSON object', false)
    .action(
      (
        folder: string | undefined,
        options: { scenarios?: string; reason: string; dryRun: boolean; json: boolean },
      ) =>
        act(async (context) => {
          const { publishPolicy } = await import('./commands/policy-publish.ts')
          const { scenarios = null } = options
          return publishPolicy(context, folder ?? null, { ...options, scenarios })
        })(),
    )
}

function addRollBack(policy: Command, act: Act, whole: Whole): void {
  policy
    .command('roll-back')
    .argument('<version>', 'as list names it', whole)
    .description('publishes an older bundle anew, as the newest')
    .requiredOption('--reason <text>', 'why, in your words')
    .option('--json', 'what was published as one JSON object', false)
    .action((version: number, options: { reason: string; json: boolean }) =>
      act(async (context) => {
        const { rollBackPolicy } = await import('./commands/policy-publish.ts')
        return rollBackPolicy(context, version, options)
      })(),
    )
}
