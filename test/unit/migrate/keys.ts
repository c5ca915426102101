import t from 'tap';
import { configJsonSchema, type JsonSchema } from '#config/json-schema.ts';
import { ALL_KEYS, hasKey } from '#migrate/keys.ts';

/** Below these sections keys stand under a name, or in the entries of a list. */
function child(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const parts = schema as Record<string, never> | undefined;
  const inner = parts?.additionalProperties ?? parts?.items ?? parts;
  return (parts?.properties?.[key] ?? (inner as Record<string, never> | undefined)?.properties?.[key]) as
    | JsonSchema
    | undefined;
}

t.test('hasKey() says what the schema says: who adds a key turns its line over', async (t) => {
  for (const key of ALL_KEYS) {
    let schema: JsonSchema | undefined = configJsonSchema();
    for (const step of key.split('.')) schema = child(schema, step);
    t.equal(hasKey(key), schema !== undefined, key);
  }
});
