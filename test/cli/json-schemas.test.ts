/** What editors are given: the schemas beside the files are those of this version, and the files name them. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { JSON_SCHEMAS, jsonSchemaText } from '../../src/cli/json-schemas.ts'
import { bailiff } from '../support/bailiff-process.ts'

const FILES = {
  topology: 'topologies/topology.schema.json',
  policy: 'topologies/policy.schema.json',
  scenario: 'test/scenarios/scenario.schema.json',
} as const

describe.each(Object.entries(FILES))('the schema of a %s', (kind, file) => {
  it('beside the files is the one of this version', () => {
    const schema = JSON_SCHEMAS[kind]?.() ?? {}
    expect(`${jsonSchemaText(schema)}\n`, `run: npx bailiff check --json-schema ${kind} > ${file}`).toBe(
      readFileSync(file, 'utf8'),
    )
  })
})

it.each(
  [
    ...readdirSync('topologies').map((name) => `topologies/${name}`),
    ...readdirSync('test/scenarios').map((name) => `test/scenarios/${name}`),
  ].filter((name) => name.endsWith('.yaml')),
)('%s says which one is its own', (name) => {
  const folder = name.slice(0, name.lastIndexOf('/'))
  const own = name === 'topologies/aup.yaml' ? 'policy' : folder === 'topologies' ? 'topology' : 'scenario'
  expect(readFileSync(name, 'utf8').split('\n')[0]).toBe(
    `# yaml-language-server: $schema=./${own}.schema.json`,
  )
})

it('a topology completes fields that can be summed, and sources', () => {
  const text = jsonSchemaText(JSON_SCHEMAS['topology']?.() ?? {})
  expect(text).toContain('"usage.gpuSeconds"')
  expect(text).toContain('"inference.verdicts.v1"')
})

it('check prints one, and refuses a kind that is none', async () => {
  expect((await bailiff(['check', '--json-schema', 'policy'], {})).stdout).toContain('"terminationApprovals"')
  const refused = await bailiff(['check', '--json-schema', 'nothing'], {})
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('topology, policy, scenario')
})
