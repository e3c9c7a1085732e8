/** What a person is told who asks, or who has typed something wrong. */
import { expect, it } from 'vitest'
import { bailiff } from '../support/bailiff-process.ts'

it('after a mistake a command names its own help, and that says nothing of switches that are off', async () => {
  const mistaken = await bailiff(['switch', 'off', '--all'], {})
  expect(mistaken.exitCode).toBe(2)
  const [, command] = /\(bailiff (.*) --help/.exec(mistaken.stderr) ?? []
  expect(command).toBe('switch off')
  const help = await bailiff(['switch', 'off', '--help'], {})
  expect(help.stdout).toContain('(default: "24h")')
  expect(help.stdout).not.toContain('(default: false)')
})
