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
