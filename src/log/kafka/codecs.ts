/**
 * Compression that sources may use and kafkajs lacks: Snappy, LZ4, Zstandard. Without a codec a batch would stop the
 * whole consumer.
 *
 * Java's producer writes Snappy as blocks with a head of their own (snappy-java's stream), others as one bare block;
 * both are read, and one bare block is written.
 */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs, { CompressionTypes } from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy'

interface Codec {
  readonly compress: (bytes: Buffer) => Promise<Buffer>
  readonly decompress: (bytes: Buffer) => Promise<Buffer>
}

const { Snappy, LZ4, ZSTD } = CompressionTypes

const CODECS = new Map<Exclude<CompressionTypes, CompressionTypes.None>, Codec>([
  [Snappy, { compress: (bytes) => snappyCompress(bytes), decompress: unsnappy }],
  [LZ4, { compress: (bytes) => compressFrame(bytes), decompress: (bytes) => decompressFrame(bytes) }],
  [ZSTD, { compress: promisify(zstdCompress), decompress: promisify(zstdDecompress) }],
])

/** kafkajs keeps codecs for the whole process; registering them again changes nothing. */
export function registerCodecs(): void {
  for (const [type, { compress, decompress }] of CODECS) {
    kafkajs.CompressionCodecs[type] = () => ({
      compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
      decompress,
    })
  }
}

/** snappy-java: eight bytes of magic, two versions of four bytes, then blocks, each after its length. */
const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const STREAM_HEAD = 16

async function unsnappy(bytes: Buffer): Promise<Buffer> {
  if (!bytes.subarray(0, STREAM_MAGIC.length).equals(STREAM_MAGIC)) return block(bytes)
  const blocks: Promise<Buffer>[] = []
  for (let at = STREAM_HEAD; at < bytes.length;) {
    const from = at + 4
    at = from + bytes.readInt32BE(at)
    if (at < from || at > bytes.length) throw new Error('a block of a Snappy stream is cut off')
    blocks.push(block(bytes.subarray(from, at)))
  }
  return Buffer.concat(await Promise.all(blocks))
}

async function block(bytes: Buffer): Promise<Buffer> {
  const plain = await snappyUncompress(bytes)
  return typeof plain === 'string' ? Buffer.from(plain) : plain
}
