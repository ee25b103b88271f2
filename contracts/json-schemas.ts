import * as z from 'zod/mini';
import { Entities, FailedEnrichment, Post, PostId, Topic } from '../model/post.ts';

/** A schema of the model, and what a document says of it besides. */
interface NamedSchema {
  schema: z.core.$ZodType;
  description: string;
  /** A rule between fields, which in the model is code. */
  oneOf?: object[];
}

/** What a post is made of. */
export const postSchemas: Record<string, NamedSchema> = {
  Post: {
    schema: Post,
    description:
      'A post as readers see it. `entities` is there once it is enriched, `enrichment` in its place if that can never be. `language` is that of `body`, English when absent.',
  },
  PostId: { schema: PostId, description: 'A UUID, in lower case.' },
  Topic: {
    schema: Topic,
    description: 'Trimmed, normalised (NFC) and in lower case, wherever a topic is named.',
  },
  Entities: {
    schema: Entities,
    description:
      'What a post names, in order of first mention. A group other than the first two is present only with a name in it.',
  },
  FailedEnrichment: {
    schema: FailedEnrichment,
    description: 'The post can never be enriched. `reason` is a sentence for its author.',
  },
};

type Target = 'draft-2020-12' | 'draft-7';

/** What the documents want of zod's own conversion. */
function conversion(target: Target, io: 'input' | 'output') {
  return {
    target,
    io,
    override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
      // What a type says already, or a format that every draft knows; `uuid` came after draft 7.
      if (jsonSchema.format !== 'uuid' && jsonSchema.format) delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  } as const;
}

/** The JSON Schema of what is sent or, with `output`, of what that is read as. */
export function jsonSchema(schema: z.core.$ZodType, target: Target, io: 'input' | 'output' = 'input') {
  const { $schema, ...converted } = z.toJSONSchema(schema, conversion(target, io));
  return converted;
}

/**
 * The JSON Schemas for `components.schemas`, which refer to one another by name. Objects are open: what is sent may have
 * more fields one day, and the server drops those that it does not know.
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
