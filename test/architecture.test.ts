/**
 * The house's laws: who may import whom, which package belongs to which folder, and how long things may be.
 * There is no list of exceptions.
 */
import { describe, expect, it } from 'vitest'
import { sourceFiles } from './support/source-files.ts'

/**
 * Folder to the folders it may import. `engine` stands for its ports and records: those who implement a port
 * (log, state) or bring a topology to it (codec, detect, enforce) import what they implement.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  windows: ['domain'],
  engine: ['domain'],
  topology: ['domain', 'windows'],
  detect: ['domain', 'windows', 'topology', 'engine'],
  enforce: ['domain', 'topology', 'engine'],
  meter: ['domain'],
  classify: ['domain'],
  simulate: ['domain'],
  log: ['engine', 'domain'],
  state: ['engine', 'domain'],
  codec: ['domain', 'engine'],
  sign: ['domain', 'engine'],
  client: ['domain', 'codec', 'engine', 'log'],
  console: ['domain', 'codec'],
  export: ['domain'],
  service: ['domain'],
  cli: ['*'],
}

/** Those who bring a topology to the engine know its contract, never its machinery. */
const CONTRACT_ONLY = ['detect', 'enforce', 'codec', 'sign']
const CONTRACT = ['engine/logic.ts', 'engine/shelf.ts', 'engine/record.ts', 'engine/errors.ts']

/** Package to the folders that may import it. */
const PACKAGE_HOME: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['log/kafka/'],
  ioredis: ['state/redis/', 'classify/'],
  'onnxruntime-node': ['classify/model/'],
  tokenizers: ['classify/model/'],
  avsc: ['codec/'],
  jose: ['sign/'],
  'prom-client': ['service/', 'cli/'],
  pino: ['service/'],
  '@marcbachmann/cel-js': ['topology/'],
  commander: ['cli/'],
}

const files = sourceFiles('src')

describe('the import graph', () => {
  it('follows the table', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((one) => one.target !== null && !allowed(file.folder, one.target))
        .map((one) => `${file.path} -> ${one.target}`),
    )
    expect(wrong).toEqual([])
  })

  it('shows only the contract of the engine to those who bring topologies', () => {
    const wrong = files
      .filter((file) => CONTRACT_ONLY.includes(file.folder))
      .flatMap((file) =>
        file.imports
          .filter((one) => one.target?.startsWith('engine/') === true && !CONTRACT.includes(one.target))
          .map((one) => `${file.path} -> ${one.target}`),
      )
    expect(wrong).toEqual([])
  })

  it('keeps each client library in its home', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((one) => homes(one.specifier)?.every((home) => !file.path.startsWith(home)) === true)
        .map((one) => `${file.path} -> ${one.specifier}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no cycle between files', () => {
    expect(findCycle()).toEqual([])
  })
})

describe('the environment', () => {
  it('is read by nobody but the settings', async () => {
    const { readFileSync } = await import('node:fs')
    const readers = files.filter((file) => readFileSync(`src/${file.path}`, 'utf8').includes('process.env'))
    expect(readers.map((file) => file.path)).toEqual(['service/settings.ts'])
  })
})

describe('sizes', () => {
  const functions = files.flatMap((file) => file.functions.map((one) => ({ ...one, path: file.path })))

  it('files: none above 400 lines, the median at most 110', () => {
    expect(files.filter((file) => file.lines > 400).map((file) => file.path)).toEqual([])
    expect(median(files.map((file) => file.lines))).toBeLessThanOrEqual(110)
  })

  it('functions: none above 60 lines, 85 % at most 20, the median at most 8', () => {
    expect(functions.filter((one) => one.lines > 60).map((one) => `${one.path} ${one.name}`)).toEqual([])
    const short = functions.filter((one) => one.lines <= 20).length
    expect(short / functions.length).toBeGreaterThanOrEqual(0.85)
    expect(median(functions.map((one) => one.lines))).toBeLessThanOrEqual(8)
  })
})

function allowed(from: string, target: string): boolean {
  const to = target.split('/')[0] ?? ''
  const may = MAY_IMPORT[from] ?? []
  return to === from || may.includes('*') || may.includes(to)
}

function homes(specifier: string): readonly string[] | undefined {
  const name = Object.keys(PACKAGE_HOME).find(
    (known) => specifier === known || specifier.startsWith(`${known}/`),
  )
  return name === undefined ? undefined : PACKAGE_HOME[name]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** One cycle of run-time imports, as paths; empty where there is none. */
function findCycle(): readonly string[] {
  const graph = new Map(
    files.map((file) => [file.path, file.imports.filter((one) => !one.typeOnly).map((one) => one.target)]),
  )
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const next of graph.get(path) ?? []) {
      const cycle = next === null ? [] : walk(next, [...trail, path])
      if (cycle.length > 0) return cycle
    }
    done.add(path)
    return []
  }
  for (const path of graph.keys()) {
    const cycle = walk(path, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
