/** `bailiff keys new PERSON`: a key pair; the private half into a file of its own, the public half into the key set. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import { readKeySet } from '../../sign/key-set.ts'
import { newKey } from '../../sign/new-key.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'

export interface NewKeyOptions {
  /** File for the private key; must not be there yet. */
  readonly private: string
  /** File of the key set; made where it is not there. */
  readonly signers: string
  /** How long the key signs, as in 90d. */
  readonly for: string
  readonly json: boolean
}

const OWNER_ONLY = 0o600
const setShape = z.looseObject({ keys: z.array(z.unknown()) })

export async function newSigningKey(
  context: CommandContext,
  person: string,
  options: NewKeyOptions,
): Promise<number> {
  const forMs = parseDuration(options.for)
  if (forMs === null || forMs === 0) throw usageError([`--for ${options.for}: write a duration such as 90d`])
  if (existsSync(options.private))
    throw usageError([`${options.private} is there already; a key is never overwritten: name another file`])
  const before = existsSync(options.signers) ? readFileSync(options.signers, 'utf8') : '{"keys":[]}'
  await readKeySet(before, options.signers)
  const { keys } = setShape.parse(JSON.parse(before))
  const { privateKey, publicKey } = await newKey(person, systemClock.now() + forMs)
  writeFileSync(options.private, `${JSON.stringify(privateKey)}\n`, { mode: OWNER_ONLY, flag: 'wx' })
  replaceFile(options.signers, `${JSON.stringify({ keys: [...keys, publicKey] }, null, 2)}\n`)
  if (options.json) context.print(JSON.stringify({ person, kid: publicKey.kid }))
  else {
    context.print(`private key of ${person}: ${options.private} (BAILIFF_SIGNING_KEY_FILE; for them alone)`)
    context.print(`public key added to ${options.signers} (BAILIFF_SIGNERS of every bailiff run)`)
  }
  return EXIT.ok
}

/** Readers see the file as it was or as it is, never a part of it: enforcement reads the set while it is written. */
function replaceFile(path: string, text: string): void {
  const written = `${path}.${process.pid}.new`
  writeFileSync(written, text, { flush: true })
  renameSync(written, path)
}
