/** Commands of README.md that need services and that no other test runs. */
import { expect, it } from 'vitest'
import { bailiff, environmentOf } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'

const TOPIC = 'inference.requests.v1'
/** Of 200 events a second 95 are requests: each brings a response and a share of all else. */
const EXPECTED = 95 * 2
/** Answers to what is asked in two seconds would take more than a minute. */
const LATE_ON_A_BUSY_MACHINE_S = 30

describeIntegration('as README.md says', () => {
  it('simulate feeds the cluster at the rate and for the time that it is told', async () => {
    const environment = environmentOf(services(), `readme-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    // Other tests write to the same topic; request ids name the seed.
    const seed = String(process.pid)
    const fed = await bailiff(['simulate', '--rate', '200', '--duration', '2s', '--seed', seed], environment)
    expect(fed.exitCode, fed.stderr).toBe(0)
    const seconds = Number(/^\d+ events sent in (\d+) s$/m.exec(fed.stderr)?.[1])
    expect(seconds).toBeGreaterThanOrEqual(1)
    expect(seconds).toBeLessThan(LATE_ON_A_BUSY_MACHINE_S)
    const tailed = await bailiff(['tail', TOPIC, '--once'], environment)
    expect(tailed.exitCode, tailed.stderr).toBe(0)
    const ours = tailed.stdout.split('\n').filter((line) => line.includes(`"req-${seed}-`))
    expect(ours.length).toBeGreaterThan(0.7 * EXPECTED)
    expect(ours.length).toBeLessThan(1.3 * EXPECTED)
    const few = await bailiff(['tail', TOPIC, '--max', '10'], environment)
    expect(few.exitCode, few.stderr).toBe(0)
    expect(few.stdout.trimEnd().split('\n')).toHaveLength(10)
  })
})
