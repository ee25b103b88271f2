/** A resource of the synthesized template, its intrinsics resolved and its properties checked. */
export interface Resource<Properties> {
  logicalId: string;
  /** Where it stands in the CDK app, e.g. `Blog-dev/PostApi/CreatePost/Resource`. */
  constructPath: string;
  /** Its physical name or id. */
  name: string;
  arn: string;
  properties: Properties;
}
