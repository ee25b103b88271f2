import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sdkSettings } from './sdk-settings.ts';

/** The one client by which all that a handler consists of reads and writes tables. */
export const table = DynamoDBDocumentClient.from(new DynamoDBClient(sdkSettings));
