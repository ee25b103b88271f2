import * as z from 'zod/mini';

const Statement = z.looseObject({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.unknown()),
});
const Document = z.object({ Statement: z.array(Statement) });

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.optional(z.record(z.string(), z.unknown())),
  Metadata: z.optional(z.looseObject({ 'aws:cdk:path': z.optional(z.string()) })),
});
type Resource = z.infer<typeof Resource>;

const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });

/** One thing that a template grants or forbids, taken out of it. */
export interface Removal {
  /** E.g. `PostApi/CreatePost/Role/DefaultPolicy: Allow dynamodb:PutItem`. */
  name: string;
  actions: string[];
  /** The construct whose role or policy then refuses. */
  refusing: string;
  /** The template without it. */
  template: string;
}

/** What can be taken out of a template: each permission, each statement of a policy, each action and resource of those. */
export function removalsOf(text: string): Removal[] {
  const removals: Removal[] = [];
  const resources = Template.parse(JSON.parse(text)).Resources;
  for (const [logicalId, resource] of Object.entries(resources)) {
    const { Properties = {}, Type } = resource;
    const path = pathOf(resource);
    const remove = (what: string, actions: string[], change: (edited: z.infer<typeof Template>) => void) => {
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
    for (const name of ['AssumeRolePolicyDocument', 'PolicyDocument']) {
      if (!(name in Properties)) continue;
      const edit = (
        edited: z.infer<typeof Template>,
        change: (document: z.infer<typeof Document>) => void,
      ) => {
        const properties = edited.Resources[logicalId]?.Properties ?? {};
        const document = Document.parse(properties[name]);
        change(document);
        properties[name] = document;
      };
      for (const [index, { Effect, Action, Resource }] of Document.parse(
        Properties[name],
      ).Statement.entries()) {
        const actions = [Action].flat();
        if (name === 'AssumeRolePolicyDocument')
          // A policy with no statement is none.
          remove(`Allow ${actions}`, actions, (edited) =>
            edit(edited, ({ Statement }) => {
              const statement = Statement[index];
              if (statement) statement.Principal = { Service: 'ec2.amazonaws.com' };
            }),
          );
        else if (actions.length === 1 && !Array.isArray(Resource))
          remove(`${Effect} ${actions}`, actions, (edited) =>
            edit(edited, ({ Statement }) => Statement.splice(index, 1)),
          );
        for (const action of actions.length > 1 ? actions : [])
          remove(`${Effect} ${action}`, [action], (edited) =>
            edit(edited, ({ Statement }) => {
              const statement = Statement[index];
              if (statement) statement.Action = actions.filter((other) => other !== action);
            }),
          );
        for (const [place, one] of Array.isArray(Resource) ? Resource.entries() : [])
          remove(`${Effect} ${actions} on ${JSON.stringify(one)}`, actions, (edited) =>
            edit(edited, ({ Statement }) => {
              const statement = Statement[index];
              if (statement) statement.Resource = z.array(z.unknown()).parse(Resource).toSpliced(place, 1);
            }),
          );
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

/** Its construct path below the stack. */
function pathOf(resource: Resource | undefined): string {
  return (resource?.Metadata?.['aws:cdk:path'] ?? '').replace(/^[^/]+\/|\/Resource$/g, '');
}

/** The function that a permission is for. */
function functionOf(permission: Record<string, unknown>, resources: Record<string, Resource>) {
  const { FunctionName } = z
    .object({ FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) })
    .parse(permission);
  return resources[FunctionName['Fn::GetAtt'][0]];
}
