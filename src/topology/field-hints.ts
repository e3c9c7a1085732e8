/** Which fields an aggregate can take, for whoever named one that it cannot. */
import type { Collection } from './model.ts'
import { meantHint } from './problem.ts'
import { COLLECTIONS, isGrant, vocabularyOf, type Field } from './vocabulary.ts'

/** Fields that are known to be asked for most; the first that a collection has is the example. */
const EXAMPLES = ['gpuSeconds', 'slotOrdinal', 'gpuActiveRatio', 'model', 'resource']

/** A field of that kind. */
export function exampleOf(collection: Collection, type: Field['type']): string {
  const names = fieldsOf(collection, type)
  return EXAMPLES.find((one) => names.includes(one)) ?? names[0] ?? ''
}

/** All fields of that kind, as a hint. */
export function fieldsHint(collection: Collection, type: Field['type']): string {
  return `of ${collection}, these are: ${fieldsOf(collection, type).join(', ')}`
}

/** What was meant by a field that a collection does not have: a like one, one of another collection, or any. */
export function unknownFieldHint(collection: Collection, name: string): string {
  const names = fieldsOf(collection, null)
  const others = COLLECTIONS.filter((one) => Object.hasOwn(vocabularyOf(one), name))
  const elsewhere = others.length === 0 ? null : `as in ${others.map((one) => `${one}.${name}`).join(', ')}`
  return meantHint(name, names) ?? elsewhere ?? `known: ${names.join(', ')}`
}

function fieldsOf(collection: Collection, type: Field['type'] | null): readonly string[] {
  return Object.entries(vocabularyOf(collection))
    .filter(([name, field]) => !isGrant(name) && (type === null || field.type === type))
    .map(([name]) => name)
}
