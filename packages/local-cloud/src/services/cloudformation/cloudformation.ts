import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError, type Service } from '../../core/service.ts';
import type { Account } from '../../template/resource-type.ts';
import type { Template } from '../../template/template.ts';

interface CloudFormationOptions {
  template: Pick<Template, 'physicalResources' | 'stackName'>;
  account: Account;
  /** The outputs of the stack, with the URLs of this machine. */
  outputs: Readonly<Record<string, string>>;
  /** Replaces the URLs of AWS with those of this machine. */
  localize: (value: string) => string;
  /** When the stack was made, in milliseconds since the epoch. */
  createdAt: number;
}

const Input = z.object({ StackName: z.optional(z.string()), LogicalResourceId: z.optional(z.string()) });

/**
 * Emulates the operations of AWS CloudFormation that read the stack, which every deployment has
 * just created. Shapes and errors follow the "AWS CloudFormation API Reference".
 */
export class CloudFormation implements Service {
  readonly #options: CloudFormationOptions;
  readonly #stack: { StackId: string; StackName: string };

  constructor(options: CloudFormationOptions) {
    this.#options = options;
    const { account, template } = options;
    const { stackName } = template;
    const hash = createHash('sha256').update(stackName).digest('hex');
    const id = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
    const arn = `arn:aws:cloudformation:${account.region}:${account.id}:stack/${stackName}/${id}`;
    this.#stack = { StackId: arn, StackName: stackName };
  }

  async call(operation: string, input: unknown): Promise<object> {
    const { data } = Input.safeParse(input);
    if (!data) throw validationError('StackName must be a string.');
    switch (operation) {
      case 'DescribeStacks':
        if (data.StackName !== undefined) this.#expect(data.StackName);
        return { Stacks: [{ ...this.#summary(), ...this.#details() }] };
      case 'ListStacks':
        return { StackSummaries: [this.#summary()] };
      case 'DescribeStackResources':
        return { StackResources: this.#described(data) };
      case 'ListStackResources':
        this.#expect(data.StackName);
        return { StackResourceSummaries: this.#resources('LastUpdatedTimestamp') };
      case 'DescribeStackResource': {
        const [resource] = this.#described(data, 'LastUpdatedTimestamp');
        return { StackResourceDetail: resource };
      }
      default:
        throw new AwsError(
          'InvalidAction',
          `The local cloud does not emulate ${operation} of cloudformation.`,
        );
    }
  }

  #summary(): object {
    return {
      ...this.#stack,
      CreationTime: new Date(this.#options.createdAt).toISOString(),
      StackStatus: 'CREATE_COMPLETE',
      DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    };
  }

  #details(): object {
    const outputs = Object.entries(this.#options.outputs);
    return {
      DisableRollback: false,
      EnableTerminationProtection: false,
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      Outputs: outputs.map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    };
  }

  #described({ StackName, LogicalResourceId }: z.infer<typeof Input>, time = 'Timestamp'): object[] {
    this.#expect(StackName);
    const resources = this.#resources(time)
      .filter(({ LogicalResourceId: id }) => LogicalResourceId === undefined || id === LogicalResourceId)
      .map((resource) => ({ ...this.#stack, ...resource }));
    if (LogicalResourceId !== undefined && resources.length === 0)
      throw validationError(`Resource ${LogicalResourceId} does not exist for stack ${StackName}`);
    return resources;
  }

  #resources(time: string) {
    const { createdAt, localize, template } = this.#options;
    return template.physicalResources().map(({ logicalId, physicalId, type }) => ({
      LogicalResourceId: logicalId,
      PhysicalResourceId: localize(physicalId),
      ResourceType: type,
      [time]: new Date(createdAt).toISOString(),
      ResourceStatus: 'CREATE_COMPLETE',
      DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
    }));
  }

  /** Throws {AwsError} unless this is the name or the ID of the stack. */
  #expect(stack: string | undefined): void {
    if (stack === undefined) throw validationError('StackName must be specified');
    if (!Object.values(this.#stack).includes(stack))
      throw validationError(`Stack with id ${stack} does not exist`);
  }
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
