import t from 'tap';
import { z } from 'zod';
import { configJsonSchema, type JsonSchema, jsonSchemaOf, schemasAt } from '#config/json-schema.ts';
import type { Path } from '#config/problems.ts';

t.test('configJsonSchema() is JSON Schema with a title', async (t) => {
  t.match(configJsonSchema(), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Weir configuration',
    description: String,
    type: 'object',
    additionalProperties: false,
    required: ['name', 'listeners', 'access', 'routes'],
  });
  t.equal(configJsonSchema(), configJsonSchema(), 'made once');
});

/** Every key under a schema, with its path. */
function* keys(schema: JsonSchema, path = ''): Generator<[string, JsonSchema]> {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    yield [`${path}${key}`, value];
    yield* keys(value, `${path}${key}.`);
  }
  if (typeof schema.additionalProperties === 'object')
    yield* keys(schema.additionalProperties, `${path}NAME.`);
  if (schema.items !== undefined) yield* keys(schema.items, path);
  for (const alternative of schema.anyOf ?? []) yield* keys(alternative, path);
}

t.test('every key has a description and an example', async (t) => {
  const found = [...keys(configJsonSchema())];
  t.ok(found.length > 50);
  for (const [path, { description, examples }] of found) {
    t.match(description, /^\S.*[^.]$/, path);
    t.equal(examples?.length, 1, path);
  }
  t.notMatch(JSON.stringify(configJsonSchema()), '"example"');
});

t.test('rules and routes have exactly one of two keys', async (t) => {
  t.match(configJsonSchema().properties?.access?.items, {
    oneOf: [{ required: ['allow'] }, { required: ['deny'] }],
  });
  t.match(configJsonSchema().properties?.routes?.items, {
    oneOf: [{ required: ['peers'] }, { required: ['direct'] }],
  });
});

const AT: readonly [path: Path, description: RegExp | undefined][] = [
  [[], /^One file configures/],
  [['admin', 'address'], /^IP address and port of/],
  [['acls', 'any', 'dstDomains'], /^Name of the destination/],
  [['acls', 'any', 'dstDomains', 'file'], /^File with one domain/],
  [['access', 7, 'allow'], /^ACLs that must all match/],
  [['admin', 'constructor'], undefined],
  [['admin', 0], undefined],
  [['name', 'x'], undefined],
];

for (const [path, description] of AT) {
  t.test(
    `schemasAt() finds ${description === undefined ? 'nothing' : 'the key'} at ${path.join('.')}`,
    async (t) => {
      const found = schemasAt(path).find((schema) => schema.description !== undefined);
      if (description === undefined) t.equal(found, undefined);
      else t.match(found?.description, description);
    },
  );
}

t.test('schemasAt() looks into another schema where one is given', async (t) => {
  const schema = jsonSchemaOf(z.strictObject({ tests: z.array(z.string().meta({ example: 'a' })) }));
  t.match(schemasAt(['tests', 3], schema), [{ type: 'string', examples: ['a'] }]);
});
