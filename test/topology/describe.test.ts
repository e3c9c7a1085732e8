/** What reviewers read of a bundle, pinned on the test base. RECORD=1 writes what is said now. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { expect, it } from 'vitest'
import { describePolicy, describeTopology } from '../../src/topology/describe.ts'
import { checkBundle } from '../../src/topology/bundle.ts'

const FOLDER = join(import.meta.dirname, 'fixtures', 'base')
const FILES = ['aup.yaml', 'usage.yaml', 'capacity.yaml']

it('describes policy and topologies in words', () => {
  const files = new Map(FILES.map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]))
  const { bundle } = checkBundle(files, null)
  const text =
    bundle === null
      ? ''
      : [describePolicy(bundle.policy), ...bundle.topologies.map(describeTopology)].join('\n')
  const path = join(FOLDER, 'described.txt')
  if (env.RECORD === '1') writeFileSync(path, text)
  expect(text).toBe(readFileSync(path, 'utf8'))
})
