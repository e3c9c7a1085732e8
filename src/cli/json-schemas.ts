/** The JSON Schemas that `bailiff check --json-schema` prints, by the kind of file that they are of. */
import { scenarioFileSchema } from '../simulate/scenario.ts'
import {
  jsonSchemaOf,
  policyJsonSchema,
  topologyJsonSchema,
  type JsonSchema,
} from '../topology/json-schema.ts'

export const JSON_SCHEMAS: Readonly<Record<string, () => JsonSchema>> = {
  topology: topologyJsonSchema,
  policy: policyJsonSchema,
  scenario: () => jsonSchemaOf(scenarioFileSchema),
}

/** As it stands in a file. */
export function jsonSchemaText(schema: JsonSchema): string {
  return JSON.stringify(schema, null, 2)
}
