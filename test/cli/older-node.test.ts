/** Most machines have an older Node than the one that runs the sources: the command finds the right one by itself. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'

/** A Node of the machine's own that is older than the sources need; null where there is none. */
function olderNode(): string | null {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
  const found = folders.map((folder) => join(folder, 'node')).filter(isExecutable)
  return found.find((node) => majorOf(node) < 24) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function majorOf(node: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout)?.[1])
}

const older = olderNode()

it.skipIf(older === null)('an older Node hands over, with the arguments and the exit code', () => {
  const version = spawnSync(older ?? '', ['bin/bailiff.mjs', '--version'], { encoding: 'utf8' })
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(version.status).toBe(0)
  const unknown = spawnSync(older ?? '', ['bin/bailiff.mjs', 'nonsense'], { encoding: 'utf8' })
  expect(unknown.status).toBe(2)
})
