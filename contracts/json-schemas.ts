import * as z from 'zod/mini';
import { Entities, FailedEnrichment, Post, PostId, Topic } from '../model/post.ts';

/** A schema of the model, with the description for the documents. */
interface NamedSchema {
  schema: z.core.$ZodType;
  description: string;
  /** A rule between fields, which the model implements in code. */
  oneOf?: object[];
}

/** The schemas of a post and its parts. */
export const postSchemas: Record<string, NamedSchema> = {
  Post: {
    schema: Post,
    description:
      'A post as readers see it. `entities` is present once the post is enriched. If the post can never be enriched, `enrichment` is present instead. `language` is the language of `body`, and English if absent.',
  },
  PostId: { schema: PostId, description: 'A UUID, in lower case.' },
  Topic: {
    schema: Topic,
    description: 'A topic: trimmed, normalised (NFC) and in lower case.',
  },
  Entities: {
    schema: Entities,
    description:
      'The names in a post, in order of first mention. `locations` and `persons` are always present, and other groups only if they contain a name.',
  },
  FailedEnrichment: {
    schema: FailedEnrichment,
    description: 'The post can never be enriched. `reason` is a sentence for the author.',
  },
};

type Target = 'draft-2020-12' | 'draft-7';

/** Returns the options of zod's conversion for the documents. */
function conversion(target: Target, io: 'input' | 'output') {
  return {
    target,
    io,
    override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
      // Removes what the type implies, and patterns of formats that every draft defines; `uuid` is
      // newer than draft 7.
      if (jsonSchema.format !== 'uuid' && jsonSchema.format) delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  } as const;
}

/** Returns the JSON Schema of the input of a schema or, with `output`, of its parsed value. */
export function jsonSchema(schema: z.core.$ZodType, target: Target, io: 'input' | 'output' = 'input') {
  const { $schema, ...converted } = z.toJSONSchema(schema, conversion(target, io));
  return converted;
}

/**
 * Returns the JSON Schemas for `components.schemas`, which refer to one another by name. Objects
 * are open: clients may send more fields in the future, and the server drops unknown ones.
 */
export function jsonSchemas(named: Record<string, NamedSchema>, target: Target): Record<string, object> {
  const registry = z.registry<Omit<NamedSchema, 'schema'> & { id: string }>();
  for (const [id, { schema, ...more }] of Object.entries(named)) registry.add(schema, { id, ...more });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, {
    ...conversion(target, 'input'),
    uri,
    metadata: registry,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}
