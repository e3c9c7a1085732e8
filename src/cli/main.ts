/** The command line: arguments to commands, errors to messages and exit codes. */
import { Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../domain/clock.ts'
import { RefusedError, TransientError } from '../engine/errors.ts'
import { SETTING_WORDS } from '../service/setting-words.ts'
import {
  processEnvironment,
  readSettings,
  SETTING_NAMES,
  settingDefault,
  type Settings,
} from '../service/settings.ts'
import { whereToLook } from '../service/where-to-look.ts'
import type { CommandContext } from './context.ts'
import { CommandError, EXIT, usageError } from './exit.ts'
import { Interrupts } from './interrupts.ts'
import { addPeopleCommands } from './people-commands.ts'
import { addPolicyCommands } from './policy-commands.ts'
import { terminalOn } from './terminal.ts'
import { quietKnownWarnings } from './warnings.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const stdout = terminalOn(process.stdout)
const stderr = terminalOn(process.stderr)

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0'
}

function settingsOrRefuse(): Settings {
  const result = readSettings(processEnvironment(), ROOT)
  if (result.ok) return result.settings
  throw usageError(['These settings are wrong:', ...result.problems.map((problem) => `  ${problem}`)])
}

/** Resolves at the first signal; one more ends the process. */
function firstInterrupt(): Promise<void> {
  return new Promise((resolve) => {
    const interrupts = new Interrupts(systemClock)
    const hear = (): void => {
      const asked = interrupts.hear()
      if (asked === 'end') process.exit(EXIT.interrupted)
      if (asked === 'drain') resolve()
    }
    process.on('SIGINT', hear)
    process.on('SIGTERM', hear)
  })
}

function contextNow(): CommandContext {
  let interrupted: Promise<void> | null = null
  return {
    settings: settingsOrRefuse(),
    version: packageVersion(),
    stdout,
    stderr,
    print: (line) => void process.stdout.write(`${line}\n`),
    get interrupted() {
      return (interrupted ??= firstInterrupt())
    },
  }
}

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number from ${least} on`)
    return value
  }

/** -1, or a whole number from 1 on. */
const replication = (text: string): number => (text.trim() === '-1' ? -1 : whole(1)(text))

/** Runs a command and ends with its exit code; commands load only when they are asked for. */
function act(command: (context: CommandContext) => Promise<number>): () => Promise<void> {
  return async () => leave(await command(contextNow()))
}

/** Ends the process once everything printed has left it, whatever clients of its servers still wait for. */
function leave(exitCode: number): Promise<void> {
  return new Promise(() => process.stdout.write('', () => process.exit(exitCode)))
}

function program(): Command {
  const root = new Command('bailiff')
    .description(
      'Turns the acceptable use policy of an AI inference platform into enforcement, continuously, on Kafka.',
    )
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(bailiff --help shows all commands)')
    .configureHelp({ optionDescription: describedOption })
    .enablePositionalOptions()
  addEmbeddedCommands(root)
  addDetectorCommands(root)
  addInsightCommands(root)
  addServiceCommands(root)
  addPeopleCommands(root, act, whole(1))
  addPolicyCommands(root, act, whole(1))
  pointToHelp(root, 'bailiff')
  return root
}

/** After a mistake each command names the help that is about it, not about all. */
function pointToHelp(command: Command, path: string): void {
  for (const one of command.commands) {
    const ofOne = `${path} ${one.name()}`
    one.showHelpAfterError(`(${ofOne} --help says more)`)
    pointToHelp(one, ofOne)
  }
}

/** What is off unless it is said needs no word about its default. */
function describedOption(option: Option): string {
  return option.defaultValue === false ? option.description : new Help().optionDescription(option)
}

function addEmbeddedCommands(root: Command): void {
  root
    .command('demo')
    .description('a simulated platform through the whole pipeline in this process; no server needed')
    .option('--seed <n>', 'which platform', whole(0), 1)
    .option('--speed <factor>', 'event time over wall time; without it as fast as it goes', Number)
    .option('--json', 'sanctions as JSON lines', false)
    .action((options: { seed: number; speed?: number; json: boolean }) =>
      act(async (context) => {
        const { demo } = await import('./commands/demo.ts')
        return demo(context, { ...options, speed: options.speed ?? null })
      })(),
    )
  root
    .command('replay [files...]')
    .description(
      'input events from files (JSON lines as tail --envelope prints them, in the order of their times; gzip or not, - for standard input) through the same engine',
    )
    .option('--no-classify', 'leave the classifiers out; verdicts in the files still count')
    .action((files: string[], options: { classify: boolean }) =>
      act(async (context) => (await import('./commands/replay.ts')).replay(context, files, options))(),
    )
  root
    .command('classify [files...]')
    .description(
      'texts from files (JSON lines with text, or prompt and response, or messages; - for standard input): ' +
        'scores of each as a JSON line, in order',
    )
    .option('--model <folder>', 'another model bundle than the default one')
    .option('--segments', "every turn's scores too", false)
    .action((files: string[], options: { model?: string; segments: boolean }) =>
      act(async (context) => {
        const { classify } = await import('./commands/classify.ts')
        return classify(context, files, { ...options, model: options.model ?? null })
      })(),
    )
}

/** For those who write detectors and answer for them. */
interface CheckWords {
  readonly json: boolean
  readonly costs: boolean
  readonly words: boolean
  readonly scenarios?: string | false
  readonly jsonSchema?: string
}

function addDetectorCommands(root: Command): void {
  root
    .command('check [folder]')
    .description('reads the topologies and the policy and says what is wrong, with file, line and column')
    .option('--json', 'counts, problems and estimated costs as one JSON object', false)
    .option('--costs', 'what each detector is estimated to cost, the dearest first', false)
    .option('--words', 'the policy and the topologies in words, for whoever reviews a change', false)
    .option(
      '--scenarios <folder>',
      'where the scenarios are; without it test/scenarios beside the topologies',
    )
    .option('--no-scenarios', 'the topologies and the policy alone')
    .addOption(
      new Option(
        '--json-schema <kind>',
        'checks nothing: prints the JSON Schema of such files, for editors',
      ).choices(['topology', 'policy', 'scenario']),
    )
    .action((folder: string | undefined, options: CheckWords) =>
      act(async (context) => {
        const { check } = await import('./commands/check.ts')
        const { jsonSchema = null, scenarios = null } = options
        return check(context, folder ?? null, { ...options, jsonSchema, scenarios })
      })(),
    )
  root
    .command('test [folder]')
    .description(
      'the scenarios of all detectors of the topologies, through the real pipeline in this process',
    )
    .option('--only <detectors...>', 'of these alone, by their ids or how these begin')
    .option('--scenarios <folder>', 'where they are; without it test/scenarios beside the topologies')
    .option('--json', 'the outcome as one JSON object', false)
    .action((folder: string | undefined, options: { only?: string[]; scenarios?: string; json: boolean }) =>
      act(async (context) => {
        const { test } = await import('./commands/test.ts')
        const { only = [], scenarios = null } = options
        return test(context, folder ?? null, { ...options, only, scenarios })
      })(),
    )
}

interface DoctorWords {
  readonly records: number
  readonly events?: string
  readonly classify: boolean
  readonly own: boolean
  readonly json: boolean
}

/** For those who ask why, and what can be seen at all. */
function addInsightCommands(root: Command): void {
  root
    .command('explain <id>')
    .description(
      'why a signal, or each signal of an account, was raised: the condition with its values, what would not have ' +
        'fired, where the evidence lies',
    )
    .option(
      '--signals <file>',
      'from JSON lines of replay or tail, - for standard input, instead of the topics',
    )
    .option('--json', 'one JSON object a signal', false)
    .action((id: string, options: { signals?: string; json: boolean }) =>
      act(async (context) => {
        const { explainSignals } = await import('./commands/explain.ts')
        return explainSignals(context, id, { ...options, signals: options.signals ?? null })
      })(),
    )
  root
    .command('doctor')
    .description(
      "which detectors are live, degraded or blind on this platform's data, and which field would help",
    )
    .option(
      '--records <n>',
      'how many of the newest records of each topic to look at; of a file, texts',
      whole(1),
      20_000,
    )
    .option('--events <file>', 'JSON lines as replay takes them, - for standard input, instead of the topics')
    .option('--no-classify', 'leave the texts of a file out; verdicts in it still count')
    .option('--own', 'for your own topologies, whatever bundle is published', false)
    .option('--json', 'one JSON array', false)
    .action((options: DoctorWords) =>
      act(async (context) => {
        const { doctor } = await import('./commands/doctor.ts')
        return doctor(context, { ...options, events: options.events ?? null })
      })(),
    )
}

function addTopics(root: Command): void {
  root
    .command('topics')
    .description('creates topics, registers schemas, sets compatibility; safe to repeat')
    .option('--partitions <n>', 'partitions of account-keyed and pool-keyed topics', whole(1))
    .option('--replication <n>', "replication factor; -1 leaves it to the broker's default", replication, -1)
    .option(
      '--acls <users>',
      "gives each reader and writer of the table its rights, and no more, as in 'User:{}'",
    )
    .option('--json', 'the report as one JSON object', false)
    .action((options: { partitions?: number; replication: number; acls?: string; json: boolean }) =>
      act(async (context) => {
        const { topics } = await import('./commands/topics.ts')
        const { partitions = null, acls: users = null } = options
        return topics(context, { ...options, partitions, users })
      })(),
    )
}

function settingsHelp(): string {
  const longest = Math.max(...SETTING_NAMES.map((name) => name.length))
  const lines = SETTING_NAMES.flatMap((name) => [
    `  ${name.padEnd(longest)}  ${settingDefault(name)}`.trimEnd(),
    `      ${SETTING_WORDS[name]}`,
  ])
  const head =
    'Settings, as environment variables (NAME_FILE reads NAME from a file), with what holds where one is not set:'
  return ['', head, ...lines].join('\n')
}

function addServiceCommands(root: Command): void {
  addTopics(root)
  root
    .command('repartition <topology>')
    .description('moves the state of a stopped topology to where its keys belong after partitions were added')
    .option('--dry-run', 'checks and counts, changes nothing', false)
    .option('--without-lost', 'goes on without the state that the store has lost', false)
    .option('--json', 'the counts as one JSON object', false)
    .action((name: string, options: { dryRun: boolean; withoutLost: boolean; json: boolean }) =>
      act(async (context) =>
        (await import('./commands/repartition.ts')).repartitionState(context, name, options),
      )(),
    )
  root
    .command('run [topologies...]')
    .description('all topologies, or the named ones, until SIGTERM')
    .option('--print-config', 'shows the settings without secrets, and ends', false)
    .addHelpText('after', settingsHelp)
    .action((names: string[], options: { printConfig: boolean }) =>
      act(async (context) => (await import('./commands/run.ts')).run(context, names, options.printConfig))(),
    )
  root
    .command('send <topic> [file]')
    .description('JSON lines from a file or standard input, as Avro, to a topic')
    .action((topic: string, file: string | undefined) =>
      act(async (context) => (await import('./commands/send.ts')).send(context, topic, file ?? '-'))(),
    )
  root
    .command('own-hosts [hosts...]')
    .description(
      "a customer's own hosts (without arguments: lines of standard input) as what accounts.state.v1 tells of them",
    )
    .action((hosts: string[]) =>
      act(async (context) => (await import('./commands/own-hosts.ts')).ownHosts(context, hosts))(),
    )
  root
    .command('tail <topic>')
    .description('records of a topic as JSON lines, from the beginning and then live')
    .option('--live', 'only what comes from now on', false)
    .option('--once', 'stop at what is the end now', false)
    .option('--max <n>', 'stop after so many records', whole(1))
    .option('--envelope', 'position, key and headers too', false)
    .action((topic: string, options: { live: boolean; once: boolean; max?: number; envelope: boolean }) =>
      act(async (context) => {
        const { tail } = await import('./commands/tail.ts')
        return tail(context, topic, { ...options, max: options.max ?? null })
      })(),
    )
  root
    .command('simulate')
    .description("feeds a real cluster with the demo's platform")
    .option('--rate <n>', 'about how many events a second', whole(1), 200)
    .option('--duration <time>', 'how long, as in 90s, 30m', '30m')
    .option('--seed <n>', 'which platform', whole(0), 1)
    .action((options: { rate: number; duration: string; seed: number }) =>
      act(async (context) => (await import('./commands/simulate.ts')).simulate(context, options))(),
    )
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof CommandError) return error.exitCode
  return error instanceof RefusedError ? EXIT.usage : EXIT.failed
}

/** What a person is told: the message where the error is made for people, else what a maintainer needs. */
function messageOf(error: unknown): string | null {
  if (error instanceof CommanderError) return null
  if (error instanceof CommandError || error instanceof RefusedError) return error.message
  if (error instanceof TransientError)
    return `${error.message}. ${whereToLook(error.service, error.message)}`.trimEnd()
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our lines has had enough (`| head`): that is no failure.
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})

quietKnownWarnings()
try {
  await program().parseAsync(process.argv)
} catch (error) {
  const message = messageOf(error)
  if (message !== null) stderr.line(stderr.paint('red', message))
  // Clients of servers that are away keep the process alive; there is nothing left to wait for.
  process.exit(exitCodeOf(error))
}
