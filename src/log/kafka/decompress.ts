/**
 * Compressed record batches in plain bytes. A megabyte that a broker takes may stand for gigabytes: nothing is made of
 * it before it is known to be no more than asked for, or a codec stops there.
 */
import { promisify } from 'node:util'
import { unzip, zstdDecompress } from 'node:zlib'
import { CompressionTypes } from 'kafkajs'
import { decompressFrame } from 'lz4-napi'
import { uncompress } from 'snappy'

/** The plain bytes; null where there are more than `mostBytes`. Throws where they are damaged. */
type Decompress = (bytes: Buffer, mostBytes: number) => Promise<Buffer | null>

const { GZIP, Snappy, LZ4, ZSTD } = CompressionTypes

const DECOMPRESS: ReadonlyMap<number, Decompress> = new Map([
  [GZIP, stoppedAt(promisify(unzip))],
  [Snappy, unsnappy],
  [LZ4, unframed],
  [ZSTD, stoppedAt(promisify(zstdDecompress))],
])

/** `type`: as a batch's attributes have it. */
export function decompressed(type: number, bytes: Buffer, mostBytes: number): Promise<Buffer | null> {
  const decompress = DECOMPRESS.get(type)
  if (decompress === undefined) throw new Error(`a record batch is compressed in unknown way ${type}`)
  return decompress(bytes, mostBytes)
}

/** Node's codecs stop by themselves. */
function stoppedAt(
  decompress: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>,
): Decompress {
  return async (bytes, mostBytes) => {
    try {
      return await decompress(bytes, { maxOutputLength: mostBytes })
    } catch (error) {
      if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return null
      throw error
    }
  }
}

/** snappy-java: eight bytes of magic, two versions of four bytes, then blocks, each after its length. */
const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const STREAM_HEAD = 16

async function unsnappy(bytes: Buffer, mostBytes: number): Promise<Buffer | null> {
  const blocks = bytes.subarray(0, STREAM_MAGIC.length).equals(STREAM_MAGIC) ? blocksOf(bytes) : [bytes]
  if (blocks.reduce((sum, block) => sum + plainBytes(block), 0) > mostBytes) return null
  const plain = await Promise.all(blocks.map((block) => uncompress(block, { asBuffer: true })))
  return Buffer.concat(plain.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

function blocksOf(bytes: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = []
  for (let at = STREAM_HEAD; at < bytes.length;) {
    const from = at + 4
    at = from + bytes.readInt32BE(at)
    if (at < from || at > bytes.length) throw new Error('a block of a Snappy stream is cut off')
    blocks.push(bytes.subarray(from, at))
  }
  return blocks
}

/** A block begins with the length of what it stands for, seven bits a byte; five bytes at most are looked at. */
function plainBytes(block: Buffer): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = block[at] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) break
  }
  return length
}

async function unframed(bytes: Buffer, mostBytes: number): Promise<Buffer | null> {
  return framedBytes(bytes) > mostBytes ? null : decompressFrame(bytes)
}

const FRAME_MAGIC = 0x184d2204
/** LZ4's frame: magic, flags, the size of blocks, what the flags announce, a checksum; blocks after their lengths. */
const AT_FLAGS = 4
const AT_BLOCK_SIZE = 5
const SHORTEST_HEAD = 7
const HAS_LENGTH = 0x08
const HAS_DICTIONARY = 0x01
const HAS_BLOCK_CHECKSUMS = 0x10
const IS_PLAIN = 0x80000000
/** A byte of LZ4 stands for so many at most. */
const MOST_RATIO = 255

/** Never less than what a frame stands for, and seldom much more: its blocks but for the last are full. */
function framedBytes(bytes: Buffer): number {
  if (bytes.length < SHORTEST_HEAD || bytes.readUInt32LE() !== FRAME_MAGIC) throw new Error('no frame of LZ4')
  const flags = bytes[AT_FLAGS] ?? 0
  const blockBytes = 2 ** (8 + 2 * (((bytes[AT_BLOCK_SIZE] ?? 0) >> 4) & 7))
  const trailer = (flags & HAS_BLOCK_CHECKSUMS) === 0 ? 0 : 4
  let at = SHORTEST_HEAD + ((flags & HAS_LENGTH) === 0 ? 0 : 8) + ((flags & HAS_DICTIONARY) === 0 ? 0 : 4)
  let most = 0
  while (at + 4 <= bytes.length) {
    const size = bytes.readUInt32LE(at)
    if (size === 0) break
    const length = size % IS_PLAIN
    most += size >= IS_PLAIN ? length : Math.min(blockBytes, MOST_RATIO * length)
    at += 4 + length + trailer
  }
  return most
}
