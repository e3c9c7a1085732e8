/**
 * Kafka Streams' own windows, for comparison: jobs go to a Java program beside this file, which runs them in
 * TopologyTestDriver. No broker is needed; a Java with a compiler is, and Maven once.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { requireJava, run } from '../../../scripts/services/command.mjs'
import { fetchJars } from '../../../scripts/services/maven.mjs'
import { JVM_FLAGS, resolveSettings, VERSIONS } from '../../../scripts/services/settings.mjs'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off'

const LIBRARIES = [
  {
    group: 'org.apache.kafka',
    name: 'kafka-streams-test-utils',
    version: VERSIONS.kafka,
    // 70 MB for stores on disk; ours are in memory.
    without: ['org.rocksdb:rocksdbjni'],
  },
  { group: 'org.slf4j', name: 'slf4j-simple', version: VERSIONS.slf4j },
]

export interface StreamsWindow {
  readonly kind: 'tumbling' | 'hopping' | 'sliding' | 'session'
  /** Of sliding windows the time difference, of sessions the gap. */
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
}

/** Key, event time, value. */
export type StreamsRecord = readonly [key: string, timeMs: number, value: number]

export interface StreamsJob {
  readonly window: StreamsWindow
  readonly records: readonly StreamsRecord[]
}

/** Key, begin, end, count, sum; a count of 0 where a session has gone into another. */
const update = z.tuple([z.string(), z.number(), z.number(), z.number(), z.number()])
export type StreamsUpdate = z.infer<typeof update>

const step = z.object({ dropped: z.boolean(), updates: z.array(update) })
/** What one record did. */
export type StreamsStep = z.infer<typeof step>
const steps = z.array(step)

export interface KafkaStreams {
  /** By job, the steps by record. */
  steps(jobs: readonly StreamsJob[]): Promise<readonly (readonly StreamsStep[])[]>
}

/** Throws with what is missing. */
export async function kafkaStreams(): Promise<KafkaStreams> {
  const java = await requireJava()
  if (!(await run(java, ['--list-modules'])).output.includes('jdk.compiler')) {
    throw new Error('A Java with a compiler is needed (apt-get install openjdk-17-jdk-headless)')
  }
  const libs = join(resolveSettings({}, {}, ROOT).cacheFolder, 'kafka-streams', VERSIONS.kafka)
  if (!existsSync(libs)) await fetchJars('Kafka Streams', LIBRARIES, libs)
  return { steps: (jobs) => runJobs(java, libs, jobs) }
}

async function runJobs(
  java: string,
  libs: string,
  jobs: readonly StreamsJob[],
): Promise<readonly (readonly StreamsStep[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-streams-'))
  try {
    const file = join(folder, 'jobs.jsonl')
    writeFileSync(file, jobs.map((job) => `${JSON.stringify(job)}\n`).join(''))
    const program = join(import.meta.dirname, 'StreamsWindows.java')
    const args = [...JVM_FLAGS, QUIET, '-cp', join(libs, '*'), program, file]
    const { stdout } = await promisify(execFile)(java, args, { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES })
    const lines = stdout.trimEnd().split('\n')
    return lines.map((line) => steps.parse(JSON.parse(line)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
