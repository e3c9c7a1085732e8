import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountLine, harvestRequestLines, responseLines } from '../support/inference-lines.ts'

const END_MS = Date.UTC(2026, 5, 1, 9)

/** Lines for `send`, wrapped as `replay` takes them. */
function eventLines(topic: string, lines: string): string[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => `{"topic":"${topic}","value":${line}}`)
}

function bailiff(args: readonly string[], input?: Buffer) {
  const options = { maxBuffer: 64 * 1024 * 1024, ...(input === undefined ? {} : { input }) }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/bailiff.mjs', ...args], options)
  return { status, stdout: stdout.toString(), stderr: stderr.toString() }
}

describe('bailiff replay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'))
  const plain = join(folder, 'events.jsonl')
  const zipped = join(folder, 'events.jsonl.gz')
  let text: string

  beforeAll(() => {
    const lines = [
      ...eventLines('accounts.state.v1', accountLine('harvester', END_MS)),
      ...eventLines('inference.requests.v1', harvestRequestLines('harvester', 200, END_MS)),
      ...eventLines('inference.responses.v1', responseLines('harvester', 200, END_MS)),
    ]
    text = `${lines.join('\n')}\n`
    writeFileSync(plain, text)
    writeFileSync(zipped, gzipSync(text))
  })

  it('gives signals and sanctions as JSON lines, and a summary on standard error', () => {
    const { status, stdout, stderr } = bailiff(['replay', plain])
    const topics = stdout
      .trim()
      .split('\n')
      .map((line) => /"topic":"([^"]+)"/.exec(line)?.[1])
    expect(topics).toEqual(['abuse.signals.v1', 'abuse.sanctions.v1'])
    expect(stderr).toContain('401 events, 0 lines refused: 1 signals')
    expect(status).toBe(0)
  })

  it('says so where lines are not in the order of time: most of them would count as late, without a word', () => {
    const of = (endMs: number) => eventLines('inference.responses.v1', responseLines('somebody', 1, endMs))
    const [before, after] = [of(END_MS - 600_000), of(END_MS)]
    const told = (lines: readonly string[]) =>
      bailiff(['replay', '--no-classify', '-'], Buffer.from(lines.join('\n'))).stderr
    expect(told([...before, ...after])).not.toContain('sort the lines')
    expect(told([...after, ...before])).toContain('1 events stand more than a minute behind later ones')
  })

  it('gives identical bytes for the same events: again, from gzip, from standard input (P5)', () => {
    const first = bailiff(['replay', plain]).stdout
    expect(bailiff(['replay', plain]).stdout).toBe(first)
    expect(bailiff(['replay', zipped]).stdout).toBe(first)
    expect(bailiff(['replay', '-'], Buffer.from(text)).stdout).toBe(first)
    expect(bailiff(['replay'], gzipSync(text)).stdout).toBe(first)
  })

  it('names a line that it cannot take, goes on, and ends with 1', () => {
    const { status, stdout, stderr } = bailiff(
      ['replay', '-'],
      Buffer.from(`\n{"topic":"nope","value":{}}\n${text}`),
    )
    expect(stderr).toContain('line 2:')
    expect(stdout).toContain('abuse.sanctions.v1')
    expect(status).toBe(1)
  })

  it('says that there was nothing, and that a file is not there', () => {
    expect(bailiff(['replay', '-'], Buffer.from('')).status).toBe(1)
    const missing = bailiff(['replay', join(folder, 'missing.jsonl')])
    expect(missing.status).toBe(1)
    expect(missing.stderr).toContain('missing.jsonl')
    expect(missing.stderr).not.toContain('    at ')
  })
})

describe('the command line', () => {
  it('shows help and version, and ends with 0', () => {
    expect(bailiff(['--help']).stdout).toContain('replay')
    expect(bailiff(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(bailiff(['--help']).status).toBe(0)
  })

  it('ends with 2 for a command, topic or topology that does not exist, and says what was meant', () => {
    const command = bailiff(['runn'])
    expect(command.status).toBe(2)
    expect(command.stderr).toContain('run')
    const topology = bailiff(['run', 'usge'])
    expect(topology.status).toBe(2)
    expect(topology.stderr).toContain('Did you mean usage?')
    expect(bailiff(['send', 'inference.response.v1']).stderr).toContain(
      'Did you mean inference.responses.v1?',
    )
  })
})
