import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  QueryCommand as DocumentQueryCommand,
  ScanCommand as DocumentScanCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod/mini';

/** The command of the document client for each command of a handler. */
const documentCommands = new Map<unknown, new (input: never) => object>([
  [BatchGetItemCommand, BatchGetCommand],
  [DeleteItemCommand, DeleteCommand],
  [GetItemCommand, GetCommand],
  [PutItemCommand, PutCommand],
  [QueryCommand, DocumentQueryCommand],
  [ScanCommand, DocumentScanCommand],
  [UpdateItemCommand, UpdateCommand],
]);

const Command = z.object({ input: z.record(z.string(), z.unknown()) });
const Output = z.optional(z.record(z.string(), z.unknown()));
const Attributes = z.record(z.string(), z.custom<never>());
const Values = z.record(z.string(), z.unknown());

type Convert = (value: unknown) => unknown;
const toValues: Convert = (value) => unmarshall(Attributes.parse(value));
const toAttributes: Convert = (value) => marshall(Values.parse(value), { removeUndefinedValues: true });

/**
 * Mocks the client of the tables. The tests state keys and items as JavaScript values, with the
 * commands of the document client. The handlers use the plain client.
 */
export function mockTables() {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  Object.defineProperty(DynamoDBClient.prototype, 'send', {
    value: async (command: object, ...options: unknown[]) => {
      const documentCommand = documentCommands.get(command.constructor);
      if (!documentCommand) throw new Error(`The tables have no mock of a ${command.constructor.name}.`);
      const input = converted(Command.parse(command).input, toValues);
      const mocked = Reflect.construct(documentCommand, [input]);
      const output = Output.parse(await Reflect.apply(documents.send, documents, [mocked, ...options]));
      return output && converted(output, toAttributes);
    },
  });
  return mockClient(DynamoDBDocumentClient);
}

/** Converts the keys, items and values in the input or the output of a command. */
function converted(fields: Record<string, unknown>, convert: Convert): Record<string, unknown> {
  const lists = (value: unknown) => z.array(z.unknown()).parse(value).map(convert);
  const byTable = (ofTable: Convert) => (value: unknown) =>
    Object.fromEntries(Object.entries(Values.parse(value)).map(([table, part]) => [table, ofTable(part)]));
  const keys = byTable((part) => ({ ...Values.parse(part), Keys: lists(Values.parse(part).Keys) }));
  const conversions = new Map<string, Convert>([
    ['Attributes', convert],
    ['ExclusiveStartKey', convert],
    ['ExpressionAttributeValues', convert],
    ['Item', convert],
    ['Items', lists],
    ['Key', convert],
    ['LastEvaluatedKey', convert],
    ['RequestItems', keys],
    ['Responses', byTable(lists)],
    ['UnprocessedKeys', keys],
  ]);
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value === undefined ? value : (conversions.get(name)?.(value) ?? value),
    ]),
  );
}
