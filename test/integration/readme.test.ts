/** Commands of README.md that need services and that no other test runs. */
import { expect, it } from 'vitest'
import { bailiff, environmentOf } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'

describeIntegration('as README.md says', () => {
  it('simulate feeds the cluster at the rate and for the time that it is told', async () => {
    const environment = environmentOf(services(), `readme-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    const fed = await bailiff(['simulate', '--rate', '200', '--duration', '2s'], environment)
    expect(fed.exitCode, fed.stderr).toBe(0)
    const tailed = await bailiff(['tail', 'inference.responses.v1', '--max', '10'], environment)
    expect(tailed.exitCode, tailed.stderr).toBe(0)
    expect(tailed.stdout.trimEnd().split('\n')).toHaveLength(10)
  })
})
