/** `bailiff own-hosts`: what a platform puts into its account state is what verdicts carry. */
import { expect, it } from 'vitest'
import { Fingerprinter } from '../../src/classify/fingerprint.ts'
import { bailiff } from '../support/bailiff-process.ts'

const SECRET = 'a secret of the platform'
const SETTINGS = { BAILIFF_HASH_KEY: SECRET, BAILIFF_HASH_KEY_ID: 'k7' }
const fingerprinter = new Fingerprinter({ id: 'k7', secret: Buffer.from(SECRET) })

it('tells hosts as verdicts tell them, each once, and names none', async () => {
  const { stdout } = await bailiff(
    ['own-hosts', 'www.Shop.example', 'https://shop.example/a', 'b.example'],
    SETTINGS,
  )
  const { hostHashes } = fingerprinter.template('https://shop.example/1 https://b.example/2')
  expect(JSON.parse(stdout)).toEqual({ hashKeyId: 'k7', hostHashes })
  expect(stdout).not.toContain('example')
})

it('refuses what is no host, and more hosts than an account can have', async () => {
  expect(await bailiff(['own-hosts', 'localhost'], SETTINGS)).toMatchObject({ exitCode: 2, stdout: '' })
  const many = Array.from({ length: 257 }, (_, at) => `h${at}.example`)
  const { exitCode, stderr } = await bailiff(['own-hosts', ...many], SETTINGS)
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(stderr).toContain('at most 256')
})
