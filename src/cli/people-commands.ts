/** The commands of people who decide: keys, cases, switches, lists, accounts, bulk reversals. */
import { Option, type Command } from 'commander'
import type { CommandContext } from './context.ts'

/** Runs a command to its exit code. */
export type Act = (command: (context: CommandContext) => Promise<number>) => () => Promise<void>

type Whole = (text: string) => number

export function addPeopleCommands(root: Command, act: Act, whole: Whole): void {
  addKeys(root, act)
  const review = root.command('review').description('cases that wait for people, and decisions on them')
  addReviewList(review, act)
  addReviewDecide(review, act)
  addReviewHeld(review, act, 'release', 'uphold', 'lets sanctions happen that were held back, in bulk')
  addReviewHeld(review, act, 'discard', 'reject', 'discards sanctions that were held back, in bulk')
  addSwitches(root, act)
  addSnooze(root, act)
  addLists(root, act)
  addAccount(root, act)
  addReverse(root, act, whole)
  addExport(root, act)
}

function addKeys(root: Command, act: Act): void {
  root
    .command('keys')
    .description('keys of people who decide')
    .command('new <person>')
    .description('a key pair: the private half into a file, the public half into the set of signers')
    .requiredOption('--private <file>', 'file for the private key; must not be there yet')
    .requiredOption('--signers <file>', 'file of the key set; made where it is not there')
    .option('--for <time>', 'how long the key signs', '365d')
    .option('--json', 'person and key id as one JSON object', false)
    .action((person: string, options: { private: string; signers: string; for: string; json: boolean }) =>
      act(async (context) => (await import('./commands/keys.ts')).newSigningKey(context, person, options))(),
    )
}

interface ListArguments {
  account?: string
  reason?: string
  template?: string
  overdue: boolean
  json: boolean
}

function addReviewList(review: Command, act: Act): void {
  review
    .command('list')
    .description('open cases, the most urgent first')
    .option('--account <id>', 'of this account alone')
    .option('--reason <reason>', 'that were opened for this reason alone, as in budgetExceeded')
    .option('--template <hash>', 'whose evidence rests on this prompt template alone')
    .option('--overdue', 'that are past their time alone', false)
    .option('--json', 'cases as JSON lines', false)
    .action((options: ListArguments) =>
      act(async (context) => {
        const { listCases } = await import('./commands/review.ts')
        return listCases(context, {
          ...options,
          account: options.account ?? null,
          reason: options.reason ?? null,
          template: options.template ?? null,
        })
      })(),
    )
}

interface DecideArguments {
  kind: string
  reason: string
  sawContent: boolean
  scope?: string
  target?: string
  refund?: string
  json: boolean
}

function addReviewDecide(review: Command, act: Act): void {
  review
    .command('decide <case>')
    .description('one decision on one case, signed with BAILIFF_SIGNING_KEY')
    .requiredOption('--kind <kind>', 'uphold, reject, narrow, terminate, reverse, lift or refer')
    .requiredOption('--reason <text>', 'why, in your words')
    .option('--saw-content', 'you have seen the content that it is about', false)
    .option('--scope <scope>', 'for narrow: the new scope')
    .option('--target <id>', 'for narrow: what the new scope names')
    .option('--refund <kind>', 'for terminate: none, proRata or legalHold')
    .option('--json', 'the signed decision as one JSON object', false)
    .action((caseId: string, options: DecideArguments) =>
      act(async (context) => {
        const { decideCase } = await import('./commands/review.ts')
        const { scope = null, target = null, refund = null } = options
        return decideCase(context, caseId, { ...options, scope, target, refund })
      })(),
    )
}

interface HeldArguments {
  held: string
  detector?: string
  template?: string
  reason: string
  dryRun: boolean
  json: boolean
}

function addReviewHeld(
  review: Command,
  act: Act,
  name: string,
  kind: 'uphold' | 'reject',
  description: string,
): void {
  review
    .command(name)
    .description(description)
    .option('--held <reason>', 'why they were held', 'budgetExceeded')
    .option('--detector <id>', 'that rest on signals of this detector alone')
    .option('--template <hash>', 'that rest on this prompt template alone')
    .requiredOption('--reason <text>', 'why, in your words')
    .option('--dry-run', 'counts, changes nothing', false)
    .option('--json', 'the cases as one JSON object', false)
    .action((options: HeldArguments) =>
      act(async (context) => {
        const { decideHeld } = await import('./commands/review.ts')
        const { detector = null, template = null } = options
        return decideHeld(context, kind, { ...options, detector, template })
      })(),
    )
}

interface SwitchArguments {
  detector?: string
  clause?: string
  all: boolean
  reason: string
  for: string
  json: boolean
}

function addSwitches(root: Command, act: Act): void {
  const parent = root.command('switch').description('kill switches: what is stopped, at once, for a while')
  for (const [name, engaged] of [
    ['off', true],
    ['on', false],
  ] as const)
    parent
      .command(name)
      .description(engaged ? 'stops it at once' : 'lets it run again')
      .option('--detector <id>', 'one detector')
      .option('--clause <id>', 'one clause')
      .option('--all', 'all automatic sanctions', false)
      .requiredOption('--reason <text>', 'why, in your words')
      .addOption(new Option('--for <time>', 'how long it is stopped').default('24h').hideHelp(!engaged))
      .option('--json', 'the signed record as one JSON object', false)
      .action((options: SwitchArguments) =>
        act(async (context) => {
          const { setSwitch } = await import('./commands/switch.ts')
          const { detector = null, clause = null } = options
          return setSwitch(context, engaged, { ...options, detector, clause })
        })(),
      )
  parent
    .command('list')
    .description('what is stopped now')
    .option('--json', 'switches as JSON lines', false)
    .action((options: { json: boolean }) =>
      act(async (context) => (await import('./commands/switch.ts')).listSwitches(context, options.json))(),
    )
}

interface SnoozeArguments {
  detector?: string
  for?: string
  end: boolean
  reason: string
  json: boolean
}

function addSnooze(root: Command, act: Act): void {
  root
    .command('snooze <account>')
    .description('what is found of it goes to people for a while, instead of leading to a sanction by itself')
    .option('--detector <id>', 'findings of this detector alone')
    .option('--for <time>', 'how long, as in 7d')
    .option('--end', 'ends it before its time', false)
    .requiredOption('--reason <text>', 'why, in your words')
    .option('--json', 'the signed decision as one JSON object', false)
    .action((account: string, options: SnoozeArguments) =>
      act(async (context) => {
        const { snooze } = await import('./commands/snooze.ts')
        return snooze(context, account, {
          ...options,
          detector: options.detector ?? null,
          for: options.for ?? null,
        })
      })(),
    )
}

interface SetListArguments {
  reason: string
  for: string
  json: boolean
}

function addLists(root: Command, act: Act): void {
  const parent = root.command('list').description('lists of accounts that conditions ask for by name')
  parent
    .command('set <name> [accounts...]')
    .description('who is on it from now on, whole (without accounts: lines of standard input), signed')
    .requiredOption('--reason <text>', 'why, in your words')
    .option('--for <time>', 'how long this holds; from then on the list is unknown', '90d')
    .option('--json', 'the signed record as one JSON object', false)
    .action((name: string, accounts: string[], options: SetListArguments) =>
      act(async (context) =>
        (await import('./commands/list.ts')).setList(context, name, accounts, options),
      )(),
    )
  parent
    .command('show [name]')
    .description('who is on a list, or which lists hold now')
    .option('--json', 'the signed records as JSON lines', false)
    .action((name: string | undefined, options: { json: boolean }) =>
      act(async (context) => {
        const { showLists } = await import('./commands/list.ts')
        return showLists(context, name ?? null, options.json)
      })(),
    )
}

function addAccount(root: Command, act: Act): void {
  root
    .command('account')
    .description('what is known of an account')
    .command('show <id>')
    .description('what holds, what happened, on what grounds')
    .option('--subject', 'only what the customer may see', false)
    .option('--json', 'everything as one JSON object', false)
    .action((id: string, options: { subject: boolean; json: boolean }) =>
      act(async (context) => (await import('./commands/account.ts')).showAccount(context, id, options))(),
    )
}

interface ReverseArguments {
  detector?: string
  version?: number
  decidedBy?: string
  from?: string
  to?: string
  reason: string
  dryRun: boolean
  json: boolean
}

function addReverse(root: Command, act: Act, whole: Whole): void {
  root
    .command('reverse')
    .description('undoes all sanctions of a detector or of a decider; says how many first')
    .option('--detector <id>', 'sanctions that rest on its signals')
    .option('--version <n>', 'of this version of the detector alone', whole)
    .option('--decided-by <person>', 'sanctions that this person decided')
    .option('--from <time>', 'issued then or later')
    .option('--to <time>', 'issued before')
    .option('--reason <text>', 'why; stands in every decision', '')
    .option('--dry-run', 'counts, changes nothing', false)
    .option('--json', 'counts and ids as one JSON object', false)
    .action((options: ReverseArguments) =>
      act(async (context) => {
        const { reverse } = await import('./commands/reverse.ts')
        const { detector = null, version = null, decidedBy = null, from = null, to = null } = options
        return reverse(context, { ...options, detector, version, decidedBy, from, to })
      })(),
    )
}

function addExport(root: Command, act: Act): void {
  root
    .command('export')
    .description("sanctions and signals in others' words, as JSON lines; counts for a transparency report")
    .requiredOption('--as <format>', 'dsa, ocsf, ssf or transparency')
    .option('--from <time>', 'from then on')
    .option('--to <time>', 'before then')
    .option('--issuer <url>', 'for ssf: who says it', 'https://bailiff.example')
    .option('--audience <url>', 'for ssf: to whom', 'https://accounts.example')
    .action((options: { as: string; from?: string; to?: string; issuer: string; audience: string }) =>
      act(async (context) => {
        const { exportAs } = await import('./commands/export.ts')
        return exportAs(context, { ...options, from: options.from ?? null, to: options.to ?? null })
      })(),
    )
}
