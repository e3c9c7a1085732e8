/** What a person is told who asks, or who has typed something wrong. */
import { expect, it } from 'vitest'
import { DEVELOPMENT_HASH_KEY, SETTING_NAMES } from '../../src/service/settings.ts'
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

it('of run lists every setting with what holds where it is not set and with what it means, and no secret', async () => {
  const { stdout } = await bailiff(['run', '--help'], { KAFKA_BROKERS: 'elsewhere:9092' })
  for (const name of SETTING_NAMES)
    expect(stdout).toMatch(new RegExp(`^ {2}${name}( {2,}\\S.*)?\\n {6}\\S.{10,}$`, 'm'))
  expect(stdout).toMatch(/^ {2}KAFKA_BROKERS +127\.0\.0\.1:19092$/m)
  expect(stdout).toMatch(/^ {2}BAILIFF_SIGNERS$/m)
  expect(stdout).not.toContain(DEVELOPMENT_HASH_KEY)
})
