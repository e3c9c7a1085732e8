/** `bailiff keys new`: the set of signers is read while it is written. */
import { linkSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readKeySet } from '../../src/sign/key-set.ts'
import { bailiff } from '../support/bailiff-process.ts'

it('puts a new set in the place of the old one as a whole, and leaves nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  const signers = join(folder, 'signers.json')
  const add = async (person: string): Promise<void> => {
    const made = await bailiff(
      ['keys', 'new', person, '--private', join(folder, person), '--signers', signers],
      {},
    )
    expect(made, made.stderr).toMatchObject({ exitCode: 0 })
  }
  const people = async (file: string): Promise<readonly string[]> => {
    const set = await readKeySet(readFileSync(file, 'utf8'), file)
    return [...set.values()].map(({ person }) => person)
  }
  await add('ann')
  // Another name of the very file that a reader had opened before.
  const opened = join(folder, 'as-it-was-opened.json')
  linkSync(signers, opened)
  await add('ben')
  expect(await people(opened)).toEqual(['ann'])
  expect(await people(signers)).toEqual(['ann', 'ben'])
  expect(readdirSync(folder).toSorted()).toEqual(['ann', 'as-it-was-opened.json', 'ben', 'signers.json'])
})
