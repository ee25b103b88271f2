import type { Json } from './answers.ts';

/**
 * Where an answer differs: the call; the part of its answer, e.g. `Attributes.PendingConfirmation`, or nothing for all
 * of it; and exactly what the local cloud answers there, nothing if it has no such part.
 */
type Place = [call: string, path: string, local?: Json];

/** A difference between the local cloud and a reference that is known. */
export interface ListedDifference {
  service: string;
  places: Place[];
  why: string;
  /** Who answers as AWS does. */
  right: 'local' | 'reference';
  /** The page of https://docs.aws.amazon.com that says so. */
  page: string;
}

const refused = (error: string): Json => ({ error, status: 400 });
const invalidParameter = refused('InvalidParameterException');
const invalidPattern = refused('InvalidEventPatternException');
const body = 'filter of the MessageBody:';
const attributes = 'filter of the MessageAttributes:';

/** Each must still be one, or the check fails. */
export const differences: ListedDifference[] = [
  {
    service: 'dynamodb',
    places: [
      ['PutItem: condition that fails, with the item', '', refused('ValidationException')],
      ['UpdateItem: condition that fails, with the item', '', refused('ValidationException')],
    ],
    why: 'dynalite has no ReturnValuesOnConditionCheckFailure; the local cloud refuses what it would ignore',
    right: 'reference',
    page: 'amazondynamodb/latest/APIReference/API_PutItem.html',
  },
  {
    service: 'dynamodb',
    places: [['UpdateItem: elements of a list', 'Attributes.list[0]', 1]],
    why: 'dynalite removes two elements of a list one after the other, the second by an index that has moved',
    right: 'reference',
    page: 'amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html',
  },
  {
    service: 'dynamodb',
    places: [['DeleteItem: that is not there', 'ConsumedCapacity']],
    why: 'DynamoDB Local tells the capacity unasked',
    right: 'local',
    page: 'amazondynamodb/latest/APIReference/API_DeleteItem.html',
  },
  {
    service: 'dynamodb-streams',
    places: [['remove', 'records[0].dynamodb.OldImage.revision.N', '2']],
    why: 'DynamoDB Local keeps the zeros at the end of a number',
    right: 'local',
    page: 'amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['PutEvents: none', '', refused('ValidationException')],
      ['PutEvents: over 1 MB', '', refused('ValidationException')],
    ],
    why: 'moto has neither the least number of entries nor the greatest size',
    right: 'local',
    page: 'eventbridge/latest/APIReference/API_PutEvents.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['PutEvents: detail is no object', 'FailedEntryCount', 1],
      ['PutEvents: detail is no object', 'Entries[0].ErrorCode', 'MalformedDetail'],
      ['PutEvents: detail is no object', 'Entries[0].EventId'],
    ],
    why: 'the detail must be a JSON object',
    right: 'local',
    page: 'eventbridge/latest/APIReference/API_PutEventsRequestEntry.html',
  },
  {
    service: 'eventbridge',
    places: [['PutEvents: no such bus', '', { Entries: [{ EventId: '<uuid>' }], FailedEntryCount: 0 }]],
    why: 'no error code is for a bus that is not there: the event is taken, and lost',
    right: 'local',
    page: 'eventbridge/latest/APIReference/API_PutEventsResultEntry.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['pattern: empty pattern', '', invalidPattern],
      ['pattern: unknown operator', '', invalidPattern],
    ],
    why: 'moto takes any pattern that has no values outside of arrays',
    right: 'local',
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
    right: 'local',
    page: 'sns/latest/api/API_Subscribe.html',
  },
  {
    service: 'sns',
    places: [
      ['GetSubscriptionAttributes: pending', 'Attributes.ConfirmationWasAuthenticated', 'false'],
      ['GetSubscriptionAttributes: confirmed', 'Attributes.ConfirmationWasAuthenticated', 'false'],
    ],
    why: 'readers confirm by the link in the mail, which is not signed',
    right: 'local',
    page: 'sns/latest/api/API_GetSubscriptionAttributes.html',
  },
  {
    service: 'sns',
    places: [
      ['Subscribe: again, with another filter', '', invalidParameter],
      ['Subscribe: protocol that is none', '', invalidParameter],
      ['Subscribe: scope that is none', '', invalidParameter],
      [`Subscribe: ${body} not JSON`, '', invalidParameter],
      [`Subscribe: ${attributes} not JSON`, '', invalidParameter],
      ['Unsubscribe: no ARN', '', invalidParameter],
    ],
    why: 'moto takes these, or fails over them',
    right: 'local',
    page: 'sns/latest/api/API_Subscribe.html',
  },
  {
    service: 'sns',
    places: [
      ['Publish: empty', '', invalidParameter],
      ['Publish: subject of two lines', '', invalidParameter],
    ],
    why: 'a message is not empty, and a subject is one line',
    right: 'local',
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
    why: 'a property of a policy has one value or more, so there is no subscription to deliver to',
    right: 'local',
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
    why: 'moto has no operators on the elements of an array, and not equals-ignore-case',
    right: 'local',
    page: 'sns/latest/dg/string-value-matching.html',
  },
  {
    service: 'sns',
    places: [[`Publish: ${body} or`, '', { delivered: ['summer', 'winter'] }]],
    why: 'moto fails over $or in a policy on the body',
    right: 'local',
    page: 'sns/latest/dg/and-or-logic.html',
  },
  {
    service: 'sqs',
    places: [
      ['SendMessage: empty', '', refused('InvalidParameterValue')],
      ['SendMessage: character that is not allowed', '', refused('InvalidMessageContents')],
    ],
    why: 'moto takes any body',
    right: 'local',
    page: 'AWSSimpleQueueService/latest/APIReference/API_SendMessage.html',
  },
  {
    service: 'sqs',
    places: [['SendMessage: attribute without value', '', refused('InvalidParameterValue')]],
    why: 'name, type and value of an attribute must not be empty',
    right: 'local',
    page: 'AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html',
  },
  {
    service: 'sqs',
    places: [
      ['DeleteMessage: no handle', 'status', 404],
      ['ChangeMessageVisibility: no handle', 'status', 404],
    ],
    why: 'the model of which AWS makes the SDKs gives ReceiptHandleIsInvalid this status',
    right: 'local',
    page: 'AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html',
  },
  {
    service: 'sqs',
    places: [['ChangeMessageVisibility: of a visible message', '', refused('MessageNotInflight')]],
    why: 'moto changes the visibility of a message that nobody is handling',
    right: 'local',
    page: 'AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html',
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
    why: 'moto does not tell the queue that a message comes from',
    right: 'local',
    page: 'AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html',
  },
];
