/** Arbitrary values of a topic, made from its sample: other symbols, other texts, nulls, longer and empty lists. */
import fc from 'fast-check'
import { isObject, type Shape } from '../../src/codec/guard.ts'

/** Values of the shape that stay within the bounds that the sample's own values keep. */
export function variantsOf(shape: Shape, sample: unknown): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'nullable':
      return sample === null ? fc.constant(null) : fc.option(variantsOf(shape.of, sample))
    case 'symbol':
      return fc.constantFrom(...shape.symbols)
    case 'flag':
      return fc.boolean()
    case 'list':
      return listVariants(shape.of, sample)
    case 'record':
      return recordVariants(shape.fields, sample)
    case 'text':
      return textVariants(sample)
    default:
      return fc.constant(sample)
  }
}

/** Hashes must stay hashes; other texts become any text that can be written. */
function textVariants(sample: unknown): fc.Arbitrary<unknown> {
  if (typeof sample === 'string' && /^([0-9a-f])\1{15,}$/.test(sample)) return fc.constant(sample)
  const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  return fc.oneof(fc.constant(sample), anyText)
}

function listVariants(of: Shape, sample: unknown): fc.Arbitrary<unknown> {
  if (!Array.isArray(sample) || sample.length === 0) return fc.constant(sample)
  const items = sample.map((item: unknown) => variantsOf(of, item))
  return fc.array(fc.oneof(...items), { maxLength: 4 })
}

function recordVariants(fields: Readonly<Record<string, Shape>>, sample: unknown): fc.Arbitrary<unknown> {
  if (!isObject(sample)) return fc.constant(sample)
  return fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, variantsOf(field, sample[name])]),
    ),
  )
}
