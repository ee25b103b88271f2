import * as z from 'zod/mini';

/** A resource in the template. Its other attributes, such as `Condition`, are not supported. */
const Declaration = z.looseObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  Metadata: z.optional(z.object({ 'aws:cdk:path': z.optional(z.string()) })),
  DependsOn: z.optional(z.unknown()),
  DeletionPolicy: z.optional(z.string()),
  // These concern updates of a deployed stack. Here each start is a new deployment.
  UpdatePolicy: z.optional(z.unknown()),
  UpdateReplacePolicy: z.optional(z.string()),
});
export type Declaration = z.infer<typeof Declaration>;

/** A template. Its other sections, such as `Transform`, are not supported. */
export const TemplateFile = z.looseObject({
  AWSTemplateFormatVersion: z.optional(z.string()),
  Description: z.optional(z.string()),
  Parameters: z._default(
    z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.optional(z.unknown()) })),
    {},
  ),
  Rules: z.optional(z.unknown()),
  // Elements that use them are not supported.
  Conditions: z.optional(z.unknown()),
  Mappings: z.optional(z.unknown()),
  Resources: z._default(z.record(z.string(), Declaration), {}),
  Outputs: z._default(
    z.record(z.string(), z.looseObject({ Value: z.unknown(), Condition: z.optional(z.string()) })),
    {},
  ),
});
export type TemplateFile = z.infer<typeof TemplateFile>;

/** Returns the sections of a template that are not supported. */
export function unknownSections(file: TemplateFile): string[] {
  return Object.keys(file).filter((section) => !(section in TemplateFile.shape));
}

/** Returns the attributes of a resource that are not supported. */
export function unknownAttributes(declaration: Declaration): string[] {
  return Object.keys(declaration).filter((attribute) => !(attribute in Declaration.shape));
}

const CustomResource = z.object({
  Properties: z.object({ ServiceToken: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
});

/** Returns the logical id of the function behind a custom resource; `undefined` for other resources. */
export function providerOf(declaration: Declaration): string | undefined {
  return CustomResource.safeParse(declaration).data?.Properties.ServiceToken['Fn::GetAtt'][0];
}
