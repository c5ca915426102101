/**
 * The JSON Schema of the configuration file, made from the schema in code: for `weir schema` and editors, for the
 * documentation's test, and for the hints in error messages. Files of other kinds have theirs for the hints alone.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import type { Path } from './problems.ts';
import { configSchema } from './schema.ts';

/** The part of JSON Schema 2020-12 that the configuration needs. */
export interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

let cached: JsonSchema | undefined;

/** What may be written in a configuration file. */
export function configJsonSchema(): JsonSchema {
  cached ??= jsonSchemaOf(configSchema);
  return cached;
}

/** What may be written in a file of another kind. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    // zod drops `examples` of what it transforms, so the schema keeps them as YAML under a key of our own.
    override: ({ jsonSchema }) => {
      if (typeof jsonSchema.example !== 'string') return;
      jsonSchema.examples = [parse(jsonSchema.example)];
      delete jsonSchema.example;
    },
  }) as JsonSchema;
}

/** Schemas of the value at a path: none where the path is not known, several where alternatives are allowed. */
export function schemasAt(path: Path, root = configJsonSchema()): readonly JsonSchema[] {
  let schemas: readonly JsonSchema[] = [root];
  for (const step of path) schemas = schemas.flatMap(alternatives).flatMap((schema) => childOf(schema, step));
  return schemas.flatMap(alternatives);
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...(schema.anyOf ?? [])];
}

function childOf(schema: JsonSchema, step: string | number): readonly JsonSchema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const properties = schema.properties ?? {};
  const property = Object.hasOwn(properties, step) ? properties[step] : schema.additionalProperties;
  return typeof property === 'object' ? [property] : [];
}
