/**
 * A resource of the synthesized template, with resolved intrinsic functions and checked properties.
 */
export interface Resource<Properties> {
  logicalId: string;
  /** Its path in the CDK app, e.g. `Blog-dev/PostApi/CreatePost/Resource`. */
  constructPath: string;
  /** Its physical name or ID. */
  name: string;
  arn: string;
  properties: Properties;
}

/** Returns the name of a resource in the source: of `Blog-dev/Posts/Table/Resource`, `Table`. */
export function constructName({ constructPath }: Pick<Resource<unknown>, 'constructPath'>): string {
  const names = constructPath.split('/').filter((name) => name !== 'Resource' && name !== 'Default');
  return names.at(-1) ?? constructPath;
}
