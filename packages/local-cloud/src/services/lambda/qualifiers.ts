import type { Resource } from '../../template/resource.ts';
import type { Finding, Template } from '../../template/template.ts';
import { functionName, LATEST } from './function-arn.ts';
import {
  AliasResource,
  EventInvokeConfigResource,
  type FunctionProperties,
  FunctionResource,
  ONLY_VERSION,
  VersionResource,
} from './lambda-resources.ts';

/** A function as it can be invoked: unqualified, or by a version or an alias. */
export interface InvocableFunction {
  /** The function, without a qualifier. */
  resource: Resource<FunctionProperties>;
  /** `$LATEST`, a version or an alias; absent if it is invoked without one. */
  qualifier: string | undefined;
  /** The version that runs: `$LATEST` or a number. */
  version: string;
  /** The name with the qualifier, e.g. `create-post:live`. */
  name: string;
  /** The ARN with the qualifier. */
  arn: string;
}

/** Returns every way to invoke each function of a template. */
export function invocableFunctions(template: Template): InvocableFunction[] {
  return template.resources(FunctionResource).flatMap((resource) => {
    const isOfFunction = ({ properties }: Resource<{ FunctionName: string }>): boolean =>
      functionName(properties.FunctionName) === resource.name;
    const versions = template.resources(VersionResource).filter(isOfFunction);
    const aliases = template.resources(AliasResource).filter(isOfFunction);
    const qualified = [
      { qualifier: LATEST, version: LATEST },
      ...versions.map(() => ({ qualifier: ONLY_VERSION, version: ONLY_VERSION })),
      ...aliases.map(({ properties }) => ({
        qualifier: properties.Name,
        version: properties.FunctionVersion,
      })),
    ].map((qualification) => ({
      ...qualification,
      resource,
      name: `${resource.name}:${qualification.qualifier}`,
      arn: `${resource.arn}:${qualification.qualifier}`,
    }));
    const { arn, name } = resource;
    return [{ resource, qualifier: undefined, version: LATEST, name, arn }, ...qualified];
  });
}

/** Returns the alias by which a function is invoked, the first if it has several; otherwise the function. */
export function preferredFunctions(template: Template): InvocableFunction[] {
  const isAlias = ({ qualifier, version }: InvocableFunction): boolean =>
    qualifier !== undefined && qualifier !== version;
  const all = invocableFunctions(template);
  return all
    .filter(({ qualifier }) => qualifier === undefined)
    .map((plain) => all.find((one) => one.resource === plain.resource && isAlias(one)) ?? plain);
}

/**
 * Returns the versions, the aliases and the settings of aliases that AWS would not create. Source: AWS
 * Lambda API Reference, `PublishVersion`, `CreateAlias` and `PutFunctionEventInvokeConfig`; the
 * message about a second version is that of CloudFormation.
 */
export function compareQualifiers(template: Template): Finding[] {
  const arns = new Set(invocableFunctions(template).map(({ arn }) => arn));
  const plainArn = (reference: string): string =>
    template.resources(FunctionResource).find(({ name }) => name === functionName(reference))?.arn ??
    reference;
  /** Returns a finding about something that a resource names, without a reason if that is skipped. */
  const missing = (logicalId: string, reference: string, reason: string): Finding => {
    const isSkipped = template.skipped.sentence(functionName(reference), 'lambda') !== undefined;
    return isSkipped ? { logicalId } : { logicalId, reason };
  };
  const seen = new Set<string>();
  return [
    ...template
      .resources(VersionResource)
      .flatMap(({ logicalId, properties: { FunctionName } }): Finding[] => {
        const arn = plainArn(FunctionName);
        if (!arns.has(arn)) return [missing(logicalId, FunctionName, `Function not found: ${arn}.`)];
        if (!seen.has(arn)) {
          seen.add(arn);
          return [];
        }
        const reason =
          'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.';
        return [{ logicalId, reason }];
      }),
    ...template.resources(AliasResource).flatMap(({ logicalId, properties }): Finding[] => {
      const { FunctionName, FunctionVersion, Name } = properties;
      const version = `${plainArn(FunctionName)}:${FunctionVersion}`;
      if (!arns.has(version)) return [missing(logicalId, FunctionName, `Function not found: ${version}.`)];
      const alias = `${plainArn(FunctionName)}:${Name}`;
      if (seen.has(alias)) return [{ logicalId, reason: `Alias already exists: ${alias}.` }];
      seen.add(alias);
      return [];
    }),
    ...template.resources(EventInvokeConfigResource).flatMap(({ logicalId, properties }): Finding[] => {
      const arn = `${plainArn(properties.FunctionName)}:${properties.Qualifier}`;
      return arns.has(arn)
        ? []
        : [missing(logicalId, properties.FunctionName, `The function ${arn} doesn't exist.`)];
    }),
  ];
}
