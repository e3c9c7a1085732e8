/**
 * The one file that touches avsc. Hostile bytes end in an exception here, never in a lost process:
 *
 * A1. A block of an array or map that claims more entries than bytes are left is refused before anything is
 *     made of it: six bytes must not ask for two billion entries.
 * A2. No skipped block moves backwards.
 * A3. Text that is not UTF-8 is refused, and none is written.
 * A4. Errors say what was wrong with the bytes, never what they were (P9).
 *
 * avsc has no seam for this, so four types are subclassed through `typeHook`; its version is pinned, and
 * test/codec/bad-input.test.ts fails where another one reads differently.
 */
import { isUtf8 } from 'node:buffer'
import avsc from 'avsc'

/** The cursor that avsc hands to its types. */
interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  readString(): string | undefined
  writeString(text: string): void
}

/** What items of a container can do; types and resolvers both can be read, only types are skipped. */
interface Readable {
  _read(tap: Tap): unknown
}

interface Skippable {
  _skip(tap: Tap): void
}

type AvroJson = Parameters<typeof avsc.Type.forSchema>[0]
type TypeHook = NonNullable<NonNullable<Parameters<typeof avsc.Type.forSchema>[1]>['typeHook']>

/** Bytes that cannot be read under their schema. The message may be shown. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError'
}

/** A schema compiled for writing and reading values of one topic. */
export class AvroSchema {
  readonly #type: avsc.Type

  constructor(schema: string) {
    this.#type = parse(schema)
  }

  /** The full name of the record, such as `bailiff.v1.Sanction`. */
  get name(): string {
    return this.#type.name ?? this.#type.typeName
  }

  /**
   * Writes `value` into `target` from `position` on and returns where it ended, or minus the missing bytes where
   * it does not fit. Throws where the value does not have the schema's types.
   */
  write(value: unknown, target: Buffer, position: number): number {
    return this.#type.encode(value, target, position)
  }

  /** How to read what `writer` wrote as this schema. Throws where the two cannot be resolved. */
  reader(writer: string): AvroReader {
    const type = this.#type
    const resolver = type.createResolver(parse(writer), { ignoreNamespaces: true })
    return (body) => read(type, resolver, body)
  }
}

/** Reads one Avro body. Throws UndecodableError. */
export type AvroReader = (body: Buffer) => unknown

/** The full name of a schema's record; the kind of type where it is no record. Throws where it is no schema. */
export function schemaName(schema: string): string {
  return new AvroSchema(schema).name
}

function read(type: avsc.Type, resolver: ReturnType<avsc.Type['createResolver']>, body: Buffer): unknown {
  try {
    const value: unknown = type.fromBuffer(body, resolver)
    return value
  } catch (error) {
    throw error instanceof UndecodableError ? error : new UndecodableError(harmless(error))
  }
}

/** What avsc says of bytes, in our words: its own may quote values. (A4) */
const PLAIN_WORDS: Readonly<Record<string, string>> = {
  'truncated buffer': 'truncated',
  'trailing data': 'trailing bytes',
  'precision loss': 'a whole number beyond 2^53',
  'union index': 'no such branch of a union',
  'enum index': 'no such symbol of an enum',
}

function harmless(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const known = Object.entries(PLAIN_WORDS).find(([theirs]) => message.includes(theirs))
  return known?.[1] ?? 'not readable under its schema'
}

function parse(schema: string): avsc.Type {
  const json: unknown = JSON.parse(schema)
  if (!isAvroJson(json))
    throw new TypeError('an Avro schema is a name, an object with a type, or a list of those')
  return avsc.Type.forSchema(json, { typeHook: checkedType })
}

function isAvroJson(json: unknown): json is AvroJson {
  return (
    typeof json === 'string' ||
    Array.isArray(json) ||
    (typeof json === 'object' && json !== null && 'type' in json)
  )
}

const checkedType: TypeHook = (schema, options) => {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : schema
  if (kind === 'string') return new CheckedString()
  if (kind === 'array') return new CheckedArray(schema, options)
  if (kind === 'map') return new CheckedMap(schema, options)
  return undefined
}

class CheckedString extends avsc.types.StringType {
  _read(tap: Tap): string | undefined {
    const start = tap.pos
    const text = tap.readString()
    // Bad bytes decode to U+FFFD; only then are the bytes worth a second look. (The length before them is no text.)
    if (text?.includes('\ufffd') === true && !isUtf8(tap.buf.subarray(textStart(tap.buf, start), tap.pos))) {
      throw new UndecodableError('not UTF-8')
    }
    return text
  }

  _write(tap: Tap, text: unknown): void {
    if (typeof text !== 'string') throw new TypeError('text expected')
    tap.writeString(text.toWellFormed())
  }
}

/** Past the length that precedes a text: a varint ends at its first byte below 128. */
function textStart(bytes: Buffer, from: number): number {
  let at = from
  while ((bytes[at] ?? 0) >= 0x80) at++
  return at + 1
}

class CheckedArray extends avsc.types.ArrayType {
  _read(this: { readonly itemsType: Readable }, tap: Tap): unknown[] {
    const items: unknown[] = []
    for (let left = blockEntries(tap); left > 0; left = blockEntries(tap)) {
      for (; left > 0; left--) items.push(this.itemsType._read(tap))
    }
    return items
  }

  _skip(this: { readonly itemsType: Skippable }, tap: Tap): void {
    skipBlocks(tap, () => this.itemsType._skip(tap))
  }
}

class CheckedMap extends avsc.types.MapType {
  _read(this: { readonly valuesType: Readable }, tap: Tap): Record<string, unknown> {
    const entries: [string, unknown][] = []
    for (let left = blockEntries(tap); left > 0; left = blockEntries(tap)) {
      for (; left > 0; left--) entries.push([MAP_KEY._read(tap) ?? '', this.valuesType._read(tap)])
    }
    // Unlike assignment, this keeps a key named `__proto__` an ordinary one.
    return Object.fromEntries(entries)
  }

  _skip(this: { readonly valuesType: Skippable }, tap: Tap): void {
    skipBlocks(tap, () => {
      MAP_KEY._read(tap)
      this.valuesType._skip(tap)
    })
  }
}

const MAP_KEY = new CheckedString()

/** Entries of the next block; 0 ends the container. (A1) */
function blockEntries(tap: Tap): number {
  const entries = tap.readLong()
  if (entries < 0) tap.readLong()
  return bounded(tap, Math.abs(entries))
}

function bounded(tap: Tap, entries: number): number {
  if (tap.pos > tap.buf.length) throw new UndecodableError('truncated')
  if (entries > tap.buf.length - tap.pos) throw new UndecodableError('more entries than bytes')
  return entries
}

/** Skips entry by entry, and trusts no block's own size. (A2) An entry takes a byte at least. */
function skipBlocks(tap: Tap, skipEntry: () => void): void {
  for (let left = blockEntries(tap); left > 0; left = blockEntries(tap)) {
    const end = tap.pos + left
    for (; left > 0; left--) skipEntry()
    if (tap.pos < end) throw new UndecodableError('more entries than bytes')
  }
}
