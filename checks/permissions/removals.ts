import * as z from 'zod/mini';

const Statement = z.looseObject({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.unknown()),
});
type Statement = z.infer<typeof Statement>;
const Document = z.object({ Statement: z.array(Statement) });
type Document = z.infer<typeof Document>;

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.optional(z.record(z.string(), z.unknown())),
  Metadata: z.optional(z.looseObject({ 'aws:cdk:path': z.optional(z.string()) })),
});
type Resource = z.infer<typeof Resource>;

const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });
type Template = z.infer<typeof Template>;

/** A template without one of its permissions or prohibitions. */
export interface Removal {
  /** E.g. `PostApi/CreatePost/Role/DefaultPolicy: Allow dynamodb:PutItem`. */
  name: string;
  actions: string[];
  /** The construct whose role or policy refuses without it. */
  refusing: string;
  /** The template without it. */
  template: string;
}

/**
 * Returns each removal from a template: of a permission, of a policy's statement, and of a
 * statement's action or resource.
 */
export function removalsOf(text: string): Removal[] {
  const removals: Removal[] = [];
  const resources = Template.parse(JSON.parse(text)).Resources;
  for (const [logicalId, resource] of Object.entries(resources)) {
    const { Properties = {}, Type } = resource;
    const path = pathOf(resource);
    const remove = (what: string, actions: string[], change: (edited: Template) => void) => {
      const edited = Template.parse(JSON.parse(text));
      change(edited);
      const refusing =
        Type === 'AWS::Lambda::Permission'
          ? pathOf(functionOf(Properties, resources))
          : path.replace(/\/(Default)?Policy$/, '');
      removals.push({ name: `${path}: ${what}`, actions, refusing, template: JSON.stringify(edited) });
    };
    if (Type === 'AWS::Lambda::Permission') {
      const action = z.string().parse(Properties.Action);
      remove(`Allow ${action}`, [action], ({ Resources }) => delete Resources[logicalId]);
    }
    for (const [place, document] of documentsIn(Properties).entries()) {
      for (const [index, { Effect, Action, Resource }] of document.Statement.entries()) {
        const actions = [Action].flat();
        const removePart = (
          what: string,
          lost: string[],
          change: (statement: Statement, statements: Statement[]) => void,
        ) =>
          remove(what, lost, ({ Resources }) => {
            const statements = documentsIn(Resources[logicalId]?.Properties)[place]?.Statement ?? [];
            const statement = statements[index];
            if (statement) change(statement, statements);
          });
        if (document === Properties.AssumeRolePolicyDocument)
          // A policy without a statement is invalid.
          removePart(`Allow ${actions}`, actions, (statement) => {
            statement.Principal = { Service: 'ec2.amazonaws.com' };
          });
        else if (actions.length === 1 && !Array.isArray(Resource))
          removePart(`${Effect} ${actions}`, actions, (_, statements) => statements.splice(index, 1));
        for (const action of actions.length > 1 ? actions : [])
          removePart(`${Effect} ${action}`, [action], (statement) => {
            statement.Action = actions.filter((other) => other !== action);
          });
        for (const [position, one] of Array.isArray(Resource) ? Resource.entries() : [])
          removePart(`${Effect} ${actions} on ${JSON.stringify(one)}`, actions, (statement) => {
            statement.Resource = z.array(z.unknown()).parse(Resource).toSpliced(position, 1);
          });
      }
    }
    for (const [index, arn] of z
      .array(z.unknown())
      .parse(Properties.ManagedPolicyArns ?? [])
      .entries())
      remove(`managed policy ${JSON.stringify(arn)}`, [], ({ Resources }) => {
        const properties = Resources[logicalId]?.Properties ?? {};
        properties.ManagedPolicyArns = z
          .array(z.unknown())
          .parse(properties.ManagedPolicyArns)
          .toSpliced(index, 1);
      });
  }
  return removals;
}

/** Returns the policy documents in a value, at any depth. */
function documentsIn(value: unknown): Document[] {
  if (typeof value !== 'object' || value === null) return [];
  return isDocument(value) ? [value] : Object.values(value).flatMap(documentsIn);
}

/**
 * Returns whether a value is a policy document.
 * @throws {Error} if its statements have an unknown form
 */
function isDocument(value: object): value is Document {
  return 'Statement' in value && Document.parse(value) !== undefined;
}

/** Returns the path of a resource's construct below the stack. */
function pathOf(resource: Resource | undefined): string {
  return (resource?.Metadata?.['aws:cdk:path'] ?? '').replace(/^[^/]+\/|\/Resource$/g, '');
}

/** Returns the alias or the function that a permission allows to invoke. */
function functionOf(permission: Record<string, unknown>, resources: Record<string, Resource>) {
  const ofAlias = z.object({ Ref: z.string() });
  const ofFunction = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
  const { FunctionName } = z.object({ FunctionName: z.union([ofAlias, ofFunction]) }).parse(permission);
  return resources['Ref' in FunctionName ? FunctionName.Ref : FunctionName['Fn::GetAtt'][0]];
}
