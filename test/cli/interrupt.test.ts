/** A command with nothing to drain ends at the first signal: a person presses Ctrl-C once. */
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { startBailiff } from '../support/bailiff-process.ts'

it('the demo at the pace of the clock ends when it is interrupted', async () => {
  const child = startBailiff(['demo', '--speed', '1'], {})
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stderr ?? expect.fail('no standard error'), 'data')
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  await ended
  expect(child.signalCode).toBe('SIGINT')
})
