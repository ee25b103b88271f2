import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sdkSettings } from './sdk-settings.ts';

/** The client that all modules of a handler share for reading and writing tables. */
export const table = new DynamoDBClient(sdkSettings);
