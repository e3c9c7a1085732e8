/**
 * Where Kafka's Java client puts a key: murmur2 of its bytes, modulo the number of partitions. Records of one
 * account meet in one task only while every producer agrees with this; a source that does not is refused.
 */
const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995
const SHIFT = 24

/** The hash as a signed 32-bit integer, as in Java. */
export function murmur2(data: Buffer): number {
  let hash = SEED ^ data.length
  const blocks = data.length & ~3
  for (let at = 0; at < blocks; at += 4) {
    hash = Math.imul(hash, MULTIPLIER) ^ mixed(data.readInt32LE(at))
  }
  return finished(withTail(hash, data, blocks))
}

/** The partition that holds the key. */
export function partitionOf(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

function mixed(block: number): number {
  const product = Math.imul(block, MULTIPLIER)
  return Math.imul(product ^ (product >>> SHIFT), MULTIPLIER)
}

function withTail(hash: number, data: Buffer, from: number): number {
  const left = data.length - from
  if (left === 0) return hash
  return Math.imul(hash ^ data.readUIntLE(from, left), MULTIPLIER)
}

function finished(hash: number): number {
  const product = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return product ^ (product >>> 15)
}
