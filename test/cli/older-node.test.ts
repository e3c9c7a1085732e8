/** Most machines have an older Node than the one that runs the sources: the command finds the right one by itself. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { olderNode } from '../support/older-node.ts'

const older = olderNode()

it.skipIf(older === null)('an older Node hands over, with the arguments and the exit code', () => {
  const version = spawnSync(older ?? '', ['bin/bailiff.mjs', '--version'], { encoding: 'utf8' })
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(version.status).toBe(0)
  const unknown = spawnSync(older ?? '', ['bin/bailiff.mjs', 'nonsense'], { encoding: 'utf8' })
  expect(unknown.status).toBe(2)
})
