import { AttributeType, BillingMode, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface BlogTableProps
  extends Required<Pick<TableProps, 'maxReadRequestUnits' | 'maxWriteRequestUnits'>>,
    Pick<TableProps, 'stream' | 'timeToLiveAttribute'> {
  /** The name of a string attribute, as is `sortKey`. */
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Whether the table can be restored to any second of the last 35 days; `true` if absent. */
  readonly backups?: boolean;
}

/**
 * A table that is billed by request up to a maximum, has backups, and is encrypted with a key that
 * AWS owns, which costs nothing.
 *
 * Constructs add its indexes. An update of a deployed table creates or deletes at most one index
 * (Amazon DynamoDB API Reference, "UpdateTable"), so release them one after the other.
 */
export class BlogTable extends Table {
  constructor(scope: Construct, id: string, props: BlogTableProps) {
    const { partitionKey, sortKey, backups = true, ...rest } = props;
    super(scope, id, {
      ...rest,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      ...(sortKey && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: backups },
    });
  }

  /** Allows actions on the table alone. The library's own method allows them on every index too. */
  override grant(grantee: IGrantable, ...actions: string[]): Grant {
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.tableArn] });
  }

  /** Allows actions on one index alone. */
  grantOnIndex(grantee: IGrantable, indexName: string, ...actions: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [`${this.tableArn}/index/${indexName}`],
    });
  }
}
