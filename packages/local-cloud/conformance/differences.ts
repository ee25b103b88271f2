import type { Json } from './answers.ts';

/**
 * The place of a difference: the call; the path in its response, e.g.
 * `Attributes.PendingConfirmation`, or an empty string for the whole response; and the exact value
 * of the local cloud there, absent if it has none.
 */
type Place = [call: string, path: string, local?: Json];

/** A known difference of the local cloud from a reference that does not respond as AWS does. */
export interface ListedDifference {
  service: string;
  places: Place[];
  why: string;
  /** The page of https://docs.aws.amazon.com that documents the response of the local cloud. */
  page: string;
}

const refused = (error: string): Json => ({ error, status: 400 });
const invalidParameter = refused('InvalidParameterException');
const invalidPattern = refused('InvalidEventPatternException');
/** The error of an update that writes an index key of a wrong type. */
const mistypedKey = (type: string): Json =>
  'ValidationException: One or more parameter values were invalid: ' +
  `Type mismatch for Index Key kind Expected: S Actual: ${type} IndexName: byKind`;
const body = 'filter of the MessageBody:';
const attributes = 'filter of the MessageAttributes:';

/** The listed differences. The check fails if one no longer exists. */
export const differences: ListedDifference[] = [
  {
    service: 'dynamodb',
    places: [['DeleteItem: that is not there', 'ConsumedCapacity']],
    why: 'DynamoDB Local returns the capacity without being asked',
    page: 'amazondynamodb/latest/APIReference/API_DeleteItem.html',
  },
  {
    service: 'dynamodb-expressions',
    places: [
      ['update: SET kind = (n - n)', '', mistypedKey('N')],
      ['update: SET kind = (n + n)', '', mistypedKey('N')],
      ['update: SET kind = z', '', mistypedKey('NULL')],
      ['update: SET kind = :ss', '', mistypedKey('SS')],
    ],
    why: 'DynamoDB Local lets an update write a number as the key of an index that is a string',
    page: 'amazondynamodb/latest/developerguide/GSI.html',
  },
  {
    service: 'dynamodb-expressions',
    places: [
      ['limits: sum: negative', 'Attributes.sum.N', '-1.5'],
      ['limits: sum: fraction that ends', 'Attributes.sum.N', '1'],
    ],
    why: 'DynamoDB Local keeps trailing zeros of a number',
    page: 'amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html',
  },
  {
    service: 'dynamodb-streams',
    places: [['remove', 'records[0].dynamodb.OldImage.revision.N', '2']],
    why: 'DynamoDB Local keeps trailing zeros of a number',
    page: 'amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['PutEvents: none', '', refused('ValidationException')],
      ['PutEvents: over 1 MB', '', refused('ValidationException')],
    ],
    why: 'moto checks neither the minimum number of entries nor the maximum size',
    page: 'eventbridge/latest/APIReference/API_PutEvents.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['PutEvents: detail is not an object', 'FailedEntryCount', 1],
      ['PutEvents: detail is not an object', 'Entries[0].ErrorCode', 'MalformedDetail'],
      ['PutEvents: detail is not an object', 'Entries[0].EventId'],
    ],
    why: 'the detail must be a JSON object',
    page: 'eventbridge/latest/APIReference/API_PutEventsRequestEntry.html',
  },
  {
    service: 'eventbridge',
    places: [['PutEvents: no such bus', '', { Entries: [{ EventId: '<uuid>' }], FailedEntryCount: 0 }]],
    why: 'no error code is documented for a missing bus: the event is accepted and lost',
    page: 'eventbridge/latest/APIReference/API_PutEventsResultEntry.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['pattern: empty pattern', '', invalidPattern],
      ['pattern: unknown operator', '', invalidPattern],
    ],
    why: 'moto accepts any pattern that has no values outside of arrays',
    page: 'eventbridge/latest/userguide/eb-create-pattern-operators.html',
  },
  {
    service: 'sns',
    places: [
      ['Subscribe: an address', 'SubscriptionArn', 'pending confirmation'],
      ['GetSubscriptionAttributes: pending', 'Attributes.PendingConfirmation', 'true'],
      ['ListSubscriptionsByTopic: pending', 'Subscriptions[0].SubscriptionArn', 'PendingConfirmation'],
      ['ConfirmSubscription: bad token', '', invalidParameter],
    ],
    why: 'moto has no pending subscriptions, and confirms with any token',
    page: 'sns/latest/api/API_Subscribe.html',
  },
  {
    service: 'sns',
    places: [
      ['GetSubscriptionAttributes: pending', 'Attributes.ConfirmationWasAuthenticated', 'false'],
      ['GetSubscriptionAttributes: confirmed', 'Attributes.ConfirmationWasAuthenticated', 'false'],
    ],
    why: 'readers confirm with the link in the e-mail, which is not signed',
    page: 'sns/latest/api/API_GetSubscriptionAttributes.html',
  },
  {
    service: 'sns',
    places: [
      ['Subscribe: again, with another filter', '', invalidParameter],
      ['Subscribe: unknown protocol', '', invalidParameter],
      ['Subscribe: unknown scope', '', invalidParameter],
      [`Subscribe: ${body} not JSON`, '', invalidParameter],
      [`Subscribe: ${attributes} not JSON`, '', invalidParameter],
      ['Unsubscribe: no ARN', '', invalidParameter],
    ],
    why: 'moto accepts these, or responds with an internal error',
    page: 'sns/latest/api/API_Subscribe.html',
  },
  {
    service: 'sns',
    places: [
      ['Publish: empty', '', invalidParameter],
      ['Publish: subject of two lines', '', invalidParameter],
    ],
    why: 'a message must not be empty, and a subject must be one line',
    page: 'sns/latest/api/API_Publish.html',
  },
  {
    service: 'sns',
    places: [['ConfirmSubscription: no such topic', '', invalidParameter]],
    why: 'AWS has been recorded to refuse the token, whether the topic exists or not',
    page: 'sns/latest/api/API_ConfirmSubscription.html',
  },
  {
    service: 'sns',
    places: [
      ['Publish: attribute of an unknown type', '', refused('InvalidParameterValueException')],
      ['Publish: attribute without value', '', refused('InvalidParameterValueException')],
    ],
    why: 'AWS has been recorded to answer ParameterValueInvalid',
    page: 'sns/latest/api/API_Publish.html',
  },
  {
    service: 'sns',
    places: [
      [`Subscribe: ${body} empty array`, '', invalidParameter],
      [`Subscribe: ${attributes} empty array`, '', invalidParameter],
      [`Publish: ${body} empty array`, ''],
      [`Publish: ${attributes} empty array`, ''],
    ],
    why: 'a property of a policy must have at least one value, so no subscription exists',
    page: 'sns/latest/dg/subscription-filter-policy-constraints.html',
  },
  {
    service: 'sns',
    places: [
      [`Publish: ${body} prefix`, '', { delivered: ['summer', 'several'] }],
      [`Publish: ${body} suffix`, '', { delivered: ['summer', 'winter', 'several'] }],
      [`Publish: ${body} anything but a prefix`, '', { delivered: ['winter', 'several'] }],
      [`Publish: ${body} ignoring case`, '', { delivered: ['summer', 'several'] }],
      [`Publish: ${attributes} prefix`, '', { delivered: ['summer', 'several'] }],
      [`Publish: ${attributes} suffix`, '', { delivered: ['summer', 'winter', 'several'] }],
      [`Publish: ${attributes} ignoring case`, '', { delivered: ['summer', 'several'] }],
    ],
    why: 'moto supports neither operators on the elements of an array nor equals-ignore-case',
    page: 'sns/latest/dg/string-value-matching.html',
  },
  {
    service: 'sns',
    places: [[`Publish: ${body} or`, '', { delivered: ['summer', 'winter'] }]],
    why: 'moto responds with an internal error to $or in a policy on the body',
    page: 'sns/latest/dg/and-or-logic.html',
  },
  {
    service: 'sqs',
    places: [
      ['SendMessage: empty', '', refused('MissingParameter')],
      ['SendMessage: character that is not allowed', '', refused('InvalidMessageContents')],
    ],
    why: 'moto accepts any body',
    page: 'AWSSimpleQueueService/latest/APIReference/API_SendMessage.html',
  },
  {
    service: 'sqs',
    places: [['SendMessage: attribute without value', '', refused('InvalidParameterValue')]],
    why: 'the name, type and value of an attribute must not be empty',
    page: 'AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html',
  },
  {
    service: 'sqs',
    places: [
      ['DeleteMessage: no handle', 'status', 404],
      ['ChangeMessageVisibility: no handle', 'status', 404],
    ],
    why: 'ReceiptHandleIsInvalid has this status in the model from which AWS generates the SDKs',
    page: 'AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html',
  },
  {
    service: 'sqs',
    places: [
      [
        'ReceiveMessage: dead',
        'Messages[0].Attributes.DeadLetterQueueSourceArn',
        'arn:aws:sqs:us-east-1:000000000000:redriven',
      ],
    ],
    why: 'moto does not return the source queue of a message',
    page: 'AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html',
  },
];
