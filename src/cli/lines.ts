/** Lines of files and of standard input, gzip or not, one at a time: never a whole file in memory. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CommandError } from './exit.ts'

const GZIP_MAGIC = 0x1f8b

export interface Line {
  readonly text: string
  /** As an editor counts: from 1, empty lines too. */
  readonly number: number
}

/** Lines of the named file, `-` for standard input; empty lines are left out. */
export async function* linesOf(file: string): AsyncIterable<Line> {
  const bytes: Readable = file === '-' ? process.stdin : createReadStream(file)
  try {
    const text = await decompressed(bytes)
    if (text === null) return
    let number = 0
    for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
      number++
      if (line.trim() !== '') yield { text: line, number }
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`${file === '-' ? 'standard input' : file}: ${reason}`)
  }
}

/** Lines of standard input that are a word each, without the space around them. */
export async function wordsOfInput(): Promise<readonly string[]> {
  const words: string[] = []
  for await (const { text } of linesOf('-')) words.push(text.trim())
  return words
}

/** Looks at the first two bytes: a name ends as it likes, and standard input has none. Null where there are none. */
async function decompressed(bytes: Readable): Promise<Readable | null> {
  const first = await firstChunk(bytes)
  if (first === null) return null
  bytes.unshift(first)
  const zipped = first.length >= 2 && first.readUInt16BE(0) === GZIP_MAGIC
  if (!zipped) return bytes
  const unzipped = createGunzip()
  bytes.on('error', (error) => unzipped.destroy(error))
  return bytes.pipe(unzipped)
}

function firstChunk(bytes: Readable): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    bytes.once('error', reject)
    bytes.once('end', () => resolve(null))
    bytes.once('readable', () => {
      const chunk: unknown = bytes.read()
      resolve(Buffer.isBuffer(chunk) ? chunk : null)
    })
  })
}
