/** The table of topics is complete, agrees with the design, and says what is wrong with a broken one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadFlows, SCHEMA_FOLDER } from '../../src/codec/schema-files.ts'
import { parseTopicTable } from '../../src/codec/topic-table.ts'
import { allTopics } from '../../src/codec/topics.ts'

const { table } = loadFlows()
const text = readFileSync(join(SCHEMA_FOLDER, 'topics.yaml'), 'utf8')

describe('the table', () => {
  it('has every topic of the design once', () => {
    expect(table.topics.map(({ name }) => name).toSorted()).toEqual([...allTopics()].toSorted())
  })

  it('gives topics that are worked on together the same number of partitions', () => {
    const counts = (group: string) =>
      new Set(
        table.topics.filter((entry) => entry.partitionGroup === group).map(({ partitions }) => partitions),
      )
    expect(counts('account').size).toBe(1)
    expect(counts('pool').size).toBe(1)
  })

  it('keys every topic of the account group by account', () => {
    for (const entry of table.topics) {
      expect(entry.key === 'accountId', entry.name).toBe(entry.partitionGroup === 'account')
    }
  })

  it('stamps inputs when they are appended, and our outputs when they were made', () => {
    const outputs = ['meter', 'classify', 'capacity', 'usage', 'enforcement']
    for (const { name, timestampType, soleWriter } of table.topics) {
      expect(timestampType, name).toBe(outputs.includes(soleWriter) ? 'CreateTime' : 'LogAppendTime')
    }
  })

  it('holds what gateways, billing, vault and legal team read to full compatibility', () => {
    const outside = ['gateway', 'billing', 'vault', 'legal']
    for (const { name, readers, compatibility } of table.topics) {
      if (readers.some((reader) => outside.includes(reader)))
        expect(compatibility, name).toBe('FULL_TRANSITIVE')
    }
  })

  it('sends enforcement through the fenced transaction of its task', () => {
    const fenced = table.topics.filter(({ fencing }) => fencing === 'transaction').map(({ name }) => name)
    expect(fenced).toEqual(
      expect.arrayContaining(
        ['signals', 'sanctions', 'standing', 'reviews', 'preservation', 'referrals'].map(
          (noun) => `abuse.${noun}.v1`,
        ),
      ),
    )
  })

  it('keeps sanctions for more than a year, and dead letters two weeks', () => {
    expect(table.entry('abuse.sanctions.v1').retentionMs).toBeGreaterThanOrEqual(400 * 86_400_000)
    expect(table.sideTopics.map(({ retentionMs }) => retentionMs)).toEqual(
      table.sideTopics.map(() => 14 * 86_400_000),
    )
  })

  it('shows shadow results to no gateway', () => {
    const shadow = table.topics.filter(({ name }) => name.includes('.shadow.'))
    expect(shadow.flatMap(({ readers }) => readers)).not.toContain('gateway')
  })

  it('sets aside beside each topic that a topology reads, with room for headers', () => {
    const side = table.sideTopics.filter(({ source }) => source === 'inference.usage.v1')
    expect(side).toEqual([
      expect.objectContaining({ name: 'dlq.inference.usage.v1', partitions: 6, content: false }),
      expect.objectContaining({ name: 'late.inference.usage.v1', partitions: 6, content: false }),
    ])
    expect(side.map(({ maxRecordBytes }) => maxRecordBytes)).toEqual([2_097_176, 2_097_176])
    expect(table.deadLetterTopic('gpu.telemetry.v1')).toBe('dlq.gpu.telemetry.v1')
    expect(table.lateTopic('gpu.telemetry.v1')).toBe('late.gpu.telemetry.v1')
  })

  it('knows which dead letters hold text', () => {
    const content = table.sideTopics.filter((topic) => topic.content).map(({ name }) => name)
    expect(content).toEqual(['dlq.inference.requests.v1', 'dlq.inference.responses.v1'])
  })

  it('keeps nothing aside of what only others read', () => {
    expect(table.sideTopics.filter(({ source }) => source === 'abuse.referrals.v1')).toEqual([])
  })

  it('takes other partition counts, for side topics too', () => {
    const wide = loadFlows({ account: 24 }).table
    expect(wide.entry('inference.usage.v1').partitions).toBe(24)
    expect(wide.sideTopics.find(({ name }) => name === 'dlq.inference.usage.v1')?.partitions).toBe(24)
    expect(wide.entry('gpu.telemetry.v1').partitions).toBe(6)
  })
})

describe('a broken table', () => {
  const broken = (from: string | RegExp, to: string): string => {
    const changed = text.replace(from, to)
    if (changed === text) throw new Error('the test changed nothing')
    try {
      parseTopicTable(changed, 'topics.yaml')
    } catch (error) {
      return error instanceof Error ? error.message : 'no error'
    }
    return 'accepted'
  }

  it.each<[string, string | RegExp, string, string]>([
    [
      'a topic that is not in the design',
      'name: abuse.appeals.v1',
      'name: abuse.apeals.v1',
      'topics.yaml: abuse.apeals.v1.name: no topic of the design: see TopicTypes in src/codec/topic-types.ts',
    ],
    [
      'a topic twice',
      'name: abuse.appeals.v1',
      'name: abuse.decisions.v1',
      'topics.yaml: abuse.appeals.v1: missing; add an entry under topics\ntopics.yaml: abuse.decisions.v1: listed twice; keep one entry',
    ],
    [
      'a duration that is none',
      'retention: 400d',
      'retention: 400 days',
      'topics.yaml: abuse.signals.v1.retention: write a duration such as 7d or 12h, or forever',
    ],
    ['a key that is misspelt', 'soleWriter: platform', 'soleWritter: platform', 'soleWritter'],
    [
      'a compacted topic with an end',
      'retention: forever',
      'retention: 7d',
      'topics.yaml: accounts.state.v1: a compacted topic keeps forever; write retention: forever',
    ],
    [
      'a log without an end',
      'retention: 7d',
      'retention: forever',
      'topics.yaml: inference.requests.v1: state how long a log is kept; forever is for compacted topics',
    ],
    [
      'text for others',
      'readers: [meter, classify]',
      'readers: [meter, classify, console]',
      'topics.yaml: inference.requests.v1: text may be read by meter and classify alone',
    ],
    [
      'two control partitions',
      'control: 1',
      'control: 2',
      'topics.yaml: partitions.control: the control topic has one partition, so that its records have one order',
    ],
    ['no partitions', 'account: 6', 'account: 0', 'topics.yaml: partitions.account'],
    ['no YAML', 'topics:', 'topics: [', 'topics.yaml: '],
  ])('%s', (_name, from, to, message) => {
    expect(broken(from, to)).toContain(message)
  })
})
