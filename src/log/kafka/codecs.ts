/**
 * Compression that sources may use and kafkajs lacks: Snappy, LZ4, Zstandard. Without a codec a batch would stop the
 * whole consumer.
 *
 * Java's producer writes Snappy as blocks with a head of their own (snappy-java's stream), others as one bare block;
 * both are read, and one bare block is written.
 */
import { constants } from 'node:buffer'
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import kafkajs, { CompressionTypes } from 'kafkajs'
import { compressFrame } from 'lz4-napi'
import { compress as snappyCompress } from 'snappy'
import { decompressed } from './decompress.ts'

const { Snappy, LZ4, ZSTD } = CompressionTypes

const COMPRESS = new Map<
  Exclude<CompressionTypes, CompressionTypes.None>,
  (bytes: Buffer) => Promise<Buffer>
>([
  [Snappy, (bytes) => snappyCompress(bytes)],
  [LZ4, (bytes) => compressFrame(bytes)],
  [ZSTD, promisify(zstdCompress)],
])

/** kafkajs keeps codecs for the whole process; registering them again changes nothing. */
export function registerCodecs(): void {
  for (const [type, compress] of COMPRESS) {
    kafkajs.CompressionCodecs[type] = () => ({
      compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
      decompress: (bytes: Buffer) => decompressed(type, bytes, constants.MAX_LENGTH),
    })
  }
}
