/**
 * What an operator can set, and the only reader of the environment.
 *
 * E1. All errors are told at once, each with the variable's name, what it got and what it wants.
 * E2. The result has no optionals; units are in the names. Secrets may come from files (`NAME_FILE`).
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly kafka: KafkaSettings
  readonly registryUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly httpHost: string
  readonly httpPort: number
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  readonly topologiesFolder: string
  readonly schemasFolder: string
  readonly modelFolder: string
  readonly scoring: ScoringSettings
  readonly hashKey: string
  readonly hashKeyId: string
  /** Hash keys of before, under which ids of sanctions in the log were made. */
  readonly formerHashKeys: readonly string[]
  /** File or address of the key set of those whose decisions count; empty where nobody's do. */
  readonly signers: string
  /** Private JWK of whoever runs a command that decides; empty where they do not. */
  readonly signingKey: string
  readonly commitIntervalMs: number
  /** The same where outputs wait: signals, sanctions. */
  readonly outputIntervalMs: number
  /** How long meter and classify collect records for one transaction. */
  readonly stageLingerMs: number
  /** How long a broker that has given all it had is not asked again. */
  readonly fetchLingerMs: number
  readonly cacheMaxMiB: number
  /** Accounts that one entry of a list of known media may hit within an hour before it is quarantined. */
  readonly mediaQuarantineAccounts: number
  readonly storeMaxMiB: number
  /** How long gateways may take to learn of a sanction before what they serve counts as a gap. */
  readonly enforcementAllowanceMs: number
  readonly drainTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly onRetentionGap: 'fail' | 'earliest'
}

/** How `classify` runs its models. */
export interface ScoringSettings {
  /** Where models run: the first that works, in this order, and no other. */
  readonly providers: readonly ('cpu' | 'cuda' | 'webgpu')[]
  readonly processes: number
  /** A scoring process that says nothing for so long while it owes an answer is replaced. */
  readonly silenceMs: number
}

export interface KafkaSettings {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl: boolean
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
}

/** The process's own environment. */
export function processEnvironment(): Environment {
  return process.env
}

/** Good enough to try things out, and told as such at start. */
export const DEVELOPMENT_HASH_KEY = 'development-only-hash-key'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const formerKeys = z
  .string()
  .transform((value) => (value === '' ? [] : value.split(',').map((key) => key.trim())))
  .refine((keys) => keys.every((key) => key.length >= 16), 'needs at least 16 characters of each')
const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const brokers = z
  .string()
  .transform((value) => value.split(',').map((broker) => broker.trim()))
  .refine(
    (list) => list.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker)),
    'must be host:port[,host:port...]',
  )

const providers = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .pipe(
    z.array(
      z.enum(['cpu', 'cuda', 'webgpu'], { error: 'must be of cuda, webgpu and cpu, in the order to try' }),
    ),
  )
  .refine((names) => new Set(names).size === names.length, 'names a provider twice')

const variables = z.object({
  KAFKA_BROKERS: brokers.prefault('127.0.0.1:19092'),
  KAFKA_CLIENT_ID: z.string().min(1).default('bailiff'),
  KAFKA_SSL: flag.prefault('false'),
  KAFKA_SASL_MECHANISM: z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('none'),
  KAFKA_SASL_USERNAME: z.string().default(''),
  KAFKA_SASL_PASSWORD: z.string().default(''),
  SCHEMA_REGISTRY_URL: z.url().default('http://127.0.0.1:18081/apis/ccompat/v7'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .default('redis://127.0.0.1:16379'),
  BAILIFF_REDIS_PREFIX: z.string().default('bailiff:'),
  BAILIFF_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  BAILIFF_HTTP_PORT: wholeNumber(0, 65_535).default(9464),
  BAILIFF_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BAILIFF_TOPOLOGIES: z.string().default(''),
  BAILIFF_SCHEMAS: z.string().default(''),
  BAILIFF_MODEL: z.string().default(''),
  BAILIFF_SCORING_PROVIDERS: providers.prefault('cpu'),
  BAILIFF_SCORING_PROCESSES: wholeNumber(1, 256).default(1),
  BAILIFF_SCORING_SILENCE_MS: wholeNumber(1_000, 3_600_000).default(60_000),
  BAILIFF_HASH_KEY: z.string().min(16, 'needs at least 16 characters').default(DEVELOPMENT_HASH_KEY),
  BAILIFF_HASH_KEY_ID: z.string().min(1).default('k1'),
  BAILIFF_FORMER_HASH_KEYS: formerKeys.default([]),
  BAILIFF_SIGNERS: z.string().default(''),
  BAILIFF_SIGNING_KEY: z.string().default(''),
  BAILIFF_COMMIT_INTERVAL_MS: wholeNumber(10, 60_000).default(100),
  BAILIFF_OUTPUT_INTERVAL_MS: wholeNumber(0, 60_000).default(10),
  BAILIFF_STAGE_LINGER_MS: wholeNumber(0, 10_000).default(20),
  BAILIFF_FETCH_LINGER_MS: wholeNumber(0, 10_000).default(20),
  BAILIFF_MEDIA_QUARANTINE_ACCOUNTS: wholeNumber(1, 1_000_000).default(20),
  BAILIFF_CACHE_MIB: wholeNumber(8, 65_536).default(128),
  BAILIFF_STORE_MIB: wholeNumber(8, 1_048_576).default(1_024),
  BAILIFF_ENFORCEMENT_ALLOWANCE_MS: wholeNumber(0, 3_600_000).default(10_000),
  BAILIFF_DRAIN_TIMEOUT_MS: wholeNumber(1_000, 600_000).default(25_000),
  BAILIFF_SESSION_TIMEOUT_MS: wholeNumber(6_000, 300_000).default(10_000),
  BAILIFF_ON_RETENTION_GAP: z.enum(['fail', 'earliest']).default('fail'),
})

export type SettingName = keyof typeof variables.shape
export const SETTING_NAMES: readonly SettingName[] = variables.keyof().options

/** What holds where a variable is not set, for people; empty where nothing does. */
export function settingDefault(name: SettingName): string {
  return name === 'BAILIFF_HASH_KEY' ? 'one for development' : String(variables.parse({})[name])
}

/** Settings from the environment, or every problem at once (E1). `root` is the package's own folder. */
export function readSettings(
  environment: Environment,
  root: string,
):
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const problems: string[] = []
  const given = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, fromEnvironment(name, environment, problems)]),
  )
  const parsed = variables.safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => problem(issue, given)))
  problems.push(...saslProblems(given))
  if (!parsed.success || problems.length > 0) return { ok: false, problems }
  return { ok: true, settings: settingsOf(parsed.data, root) }
}

/** The settings as they may be shown: without secrets. */
export function redacted(settings: Settings): unknown {
  const hidden = '[hidden]'
  const sasl = settings.kafka.sasl === null ? null : { ...settings.kafka.sasl, password: hidden }
  const redisUrl = settings.redisUrl.replace(/\/\/[^@/]*@/, `//${hidden}@`)
  const signingKey = settings.signingKey === '' ? '' : hidden
  const formerHashKeys = settings.formerHashKeys.map(() => hidden)
  return {
    ...settings,
    hashKey: hidden,
    formerHashKeys,
    signingKey,
    redisUrl,
    kafka: { ...settings.kafka, sasl },
  }
}

function fromEnvironment(name: string, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[name]
  if (direct !== undefined && direct !== '') return direct
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    problems.push(`${name}_FILE: the file cannot be read`)
    return undefined
  }
}

function problem(issue: z.core.$ZodIssue, given: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0] ?? '')
  const secret = /PASSWORD|KEY|URL/.test(name)
  const got = given[name] === undefined || secret ? '' : ` (got "${given[name]}")`
  return `${name}: ${issue.message}${got}`
}

/** Of what was given, not of what was understood: it is told beside all else that is wrong (E1). */
function saslProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const mechanism = variables.shape.KAFKA_SASL_MECHANISM.safeParse(given['KAFKA_SASL_MECHANISM'])
  if (!mechanism.success || mechanism.data === 'none') return []
  return ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']
    .filter((name) => given[name] === undefined)
    .map((name) => `${name}: is needed with KAFKA_SASL_MECHANISM=${mechanism.data}`)
}

function settingsOf(values: z.infer<typeof variables>, root: string): Settings {
  const folder = (given: string, name: string): string => (given === '' ? `${root}/${name}` : given)
  return {
    kafka: kafkaOf(values),
    registryUrl: values.SCHEMA_REGISTRY_URL.replace(/\/$/, ''),
    redisUrl: values.REDIS_URL,
    redisPrefix: values.BAILIFF_REDIS_PREFIX,
    httpHost: values.BAILIFF_HTTP_HOST,
    httpPort: values.BAILIFF_HTTP_PORT,
    logLevel: values.BAILIFF_LOG_LEVEL,
    topologiesFolder: folder(values.BAILIFF_TOPOLOGIES, 'topologies'),
    schemasFolder: folder(values.BAILIFF_SCHEMAS, 'schemas'),
    modelFolder: folder(values.BAILIFF_MODEL, 'models/default'),
    scoring: {
      providers: values.BAILIFF_SCORING_PROVIDERS,
      processes: values.BAILIFF_SCORING_PROCESSES,
      silenceMs: values.BAILIFF_SCORING_SILENCE_MS,
    },
    hashKey: values.BAILIFF_HASH_KEY,
    hashKeyId: values.BAILIFF_HASH_KEY_ID,
    formerHashKeys: values.BAILIFF_FORMER_HASH_KEYS,
    signers: values.BAILIFF_SIGNERS,
    signingKey: values.BAILIFF_SIGNING_KEY,
    commitIntervalMs: values.BAILIFF_COMMIT_INTERVAL_MS,
    outputIntervalMs: values.BAILIFF_OUTPUT_INTERVAL_MS,
    stageLingerMs: values.BAILIFF_STAGE_LINGER_MS,
    fetchLingerMs: values.BAILIFF_FETCH_LINGER_MS,
    mediaQuarantineAccounts: values.BAILIFF_MEDIA_QUARANTINE_ACCOUNTS,
    cacheMaxMiB: values.BAILIFF_CACHE_MIB,
    storeMaxMiB: values.BAILIFF_STORE_MIB,
    enforcementAllowanceMs: values.BAILIFF_ENFORCEMENT_ALLOWANCE_MS,
    drainTimeoutMs: values.BAILIFF_DRAIN_TIMEOUT_MS,
    sessionTimeoutMs: values.BAILIFF_SESSION_TIMEOUT_MS,
    onRetentionGap: values.BAILIFF_ON_RETENTION_GAP,
  }
}

function kafkaOf(values: z.infer<typeof variables>): KafkaSettings {
  const mechanism = values.KAFKA_SASL_MECHANISM
  return {
    brokers: values.KAFKA_BROKERS,
    clientId: values.KAFKA_CLIENT_ID,
    ssl: values.KAFKA_SSL,
    sasl:
      mechanism === 'none'
        ? null
        : { mechanism, username: values.KAFKA_SASL_USERNAME, password: values.KAFKA_SASL_PASSWORD },
  }
}
