/** Trouble with brokers is told as a person wants to hear of it. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { Outage } from '../../src/log/kafka/outage.ts'

const SECOND_MS = 1_000
const [fetching, membership] = [{}, {}]

function endOf(message: string): string {
  return message === 'Kafka serves us again' ? 'over' : 'let go'
}

function watched(): {
  readonly outage: Outage
  readonly told: string[]
  readonly pass: (ms: number) => void
} {
  const clock = new ManualClock(1_000_000)
  const told: string[] = []
  const outage = new Outage(clock, {
    ...silentLogger,
    info: (fields, message) => void told.push(`${endOf(message)} after ${String(fields['afterMs'])}`),
    warn: (fields) => void told.push(`${String(fields['error'])} for ${String(fields['forMs'])}`),
  })
  return { outage, told, pass: (ms) => clock.advanceTo(clock.now() + ms) }
}

describe('an outage of Kafka', () => {
  it('is told when it begins, once a minute, and when nobody is in trouble any more, however many try (O1)', () => {
    const { outage, told, pass } = watched()
    for (let second = 0; second < 150; second++) {
      outage.met(fetching, '1', 'refused')
      outage.met(membership, 'group', 'refused')
      pass(SECOND_MS)
    }
    outage.over(membership, 'group')
    expect(told).toEqual(['refused for 0', 'refused for 60000', 'refused for 120000'])
    outage.over(fetching, '1')
    expect(told.slice(3)).toEqual(['over after 150000'])
  })

  it('of one broker of three is told once a minute, although the others answer all the while', () => {
    const { outage, told, pass } = watched()
    for (let second = 0; second < 59; second++) {
      outage.met(fetching, '1', 'refused')
      outage.over(fetching, '2')
      outage.over(fetching, 'metadata')
      pass(SECOND_MS)
    }
    expect(told).toEqual(['refused for 0'])
  })

  it('that comes and goes is told once a minute', () => {
    const { outage, told, pass } = watched()
    for (let second = 0; second < 59; second++) {
      outage.met(fetching, '1', 'refused')
      outage.over(fetching, '1')
      pass(SECOND_MS)
    }
    expect(told).toEqual(['refused for 0', 'over after 0'])
  })

  it('of somebody who has stopped asking keeps nobody waiting for its end', () => {
    const { outage, told } = watched()
    outage.met(fetching, '1', 'refused')
    outage.met(membership, 'group', 'refused')
    outage.forget(fetching)
    outage.over(membership, 'group')
    expect(told).toEqual(['refused for 0', 'over after 0'])
  })

  it('is not said to be over where nobody asks any more (O2)', () => {
    const { outage, told } = watched()
    outage.met(fetching, '1', 'refused')
    outage.met(fetching, 'metadata', 'refused')
    outage.unasked(fetching, '1')
    expect(told).toHaveLength(1)
    outage.unasked(fetching, 'metadata')
    expect(told.slice(1)).toEqual(['let go after 0'])
  })

  it('ends with a line of its own when the last who suffers has ended, and the next one is told from its beginning (O2)', () => {
    const { outage, told, pass } = watched()
    outage.met(fetching, '1', 'refused')
    pass(5 * SECOND_MS)
    outage.forget(fetching)
    expect(told).toEqual(['refused for 0', 'let go after 5000'])
    pass(60 * SECOND_MS)
    outage.met(fetching, '1', 'refused')
    pass(SECOND_MS)
    outage.over(fetching, '1')
    expect(told.slice(2)).toEqual(['refused for 0', 'over after 1000'])
  })
})
