/** Which fields an aggregate can take, for whoever named one that it cannot. */
import type { Collection } from './model.ts'
import { meantHint, nameHint } from './problem.ts'
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
  return meantHint(name, names) ?? elsewhere(name) ?? `known: ${names.join(', ')}`
}

/** What was meant by a collection that there is not: a like one, that of the field with this name, or any. */
export function unknownCollectionHint(name: string): string {
  return meantHint(name, COLLECTIONS) ?? elsewhere(name) ?? nameHint(name, COLLECTIONS)
}

/** The field of that name in each collection that has one; null where none has. */
function elsewhere(name: string): string | null {
  const having = COLLECTIONS.filter((one) => Object.hasOwn(vocabularyOf(one), name))
  return having.length === 0 ? null : `as in ${having.map((one) => `${one}.${name}`).join(', ')}`
}

function fieldsOf(collection: Collection, type: Field['type'] | null): readonly string[] {
  return Object.entries(vocabularyOf(collection))
    .filter(([name, field]) => !isGrant(name) && (type === null || field.type === type))
    .map(([name]) => name)
}
