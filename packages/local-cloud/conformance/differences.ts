import type { Json } from './answers.ts';

/**
 * Where an answer differs: the call; the part of its answer, e.g. `Attributes.PendingConfirmation`, or nothing for all
 * of it; and exactly what the local cloud answers there, nothing if it has no such part.
 */
type Place = [call: string, path: string, local?: Json];

/** A known difference of the local cloud from a reference, which does not answer as AWS does. */
export interface ListedDifference {
  service: string;
  places: Place[];
  why: string;
  /** The page of https://docs.aws.amazon.com that says that the local cloud is right. */
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
    places: [['DeleteItem: that is not there', 'ConsumedCapacity']],
    why: 'DynamoDB Local tells the capacity unasked',
    page: 'amazondynamodb/latest/APIReference/API_DeleteItem.html',
  },
  {
    service: 'dynamodb-streams',
    places: [['remove', 'records[0].dynamodb.OldImage.revision.N', '2']],
    why: 'DynamoDB Local keeps the zeros at the end of a number',
    page: 'amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['PutEvents: none', '', refused('ValidationException')],
      ['PutEvents: over 1 MB', '', refused('ValidationException')],
    ],
    why: 'moto has neither the least number of entries nor the greatest size',
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
    page: 'eventbridge/latest/APIReference/API_PutEventsRequestEntry.html',
  },
  {
    service: 'eventbridge',
    places: [['PutEvents: no such bus', '', { Entries: [{ EventId: '<uuid>' }], FailedEntryCount: 0 }]],
    why: 'no error code is for a bus that is not there: the event is taken, and lost',
    page: 'eventbridge/latest/APIReference/API_PutEventsResultEntry.html',
  },
  {
    service: 'eventbridge',
    places: [
      ['pattern: empty pattern', '', invalidPattern],
      ['pattern: unknown operator', '', invalidPattern],
    ],
    why: 'moto takes any pattern that has no values outside of arrays',
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
    why: 'readers confirm by the link in the mail, which is not signed',
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
    page: 'sns/latest/api/API_Subscribe.html',
  },
  {
    service: 'sns',
    places: [
      ['Publish: empty', '', invalidParameter],
      ['Publish: subject of two lines', '', invalidParameter],
    ],
    why: 'a message is not empty, and a subject is one line',
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
    page: 'sns/latest/dg/string-value-matching.html',
  },
  {
    service: 'sns',
    places: [[`Publish: ${body} or`, '', { delivered: ['summer', 'winter'] }]],
    why: 'moto fails over $or in a policy on the body',
    page: 'sns/latest/dg/and-or-logic.html',
  },
  {
    service: 'sqs',
    places: [
      ['SendMessage: empty', '', refused('InvalidParameterValue')],
      ['SendMessage: character that is not allowed', '', refused('InvalidMessageContents')],
    ],
    why: 'moto takes any body',
    page: 'AWSSimpleQueueService/latest/APIReference/API_SendMessage.html',
  },
  {
    service: 'sqs',
    places: [['SendMessage: attribute without value', '', refused('InvalidParameterValue')]],
    why: 'name, type and value of an attribute must not be empty',
    page: 'AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html',
  },
  {
    service: 'sqs',
    places: [
      ['DeleteMessage: no handle', 'status', 404],
      ['ChangeMessageVisibility: no handle', 'status', 404],
    ],
    why: 'the model of which AWS makes the SDKs gives ReceiptHandleIsInvalid this status',
    page: 'AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html',
  },
  {
    service: 'sqs',
    places: [['ChangeMessageVisibility: of a visible message', '', refused('MessageNotInflight')]],
    why: 'moto changes the visibility of a message that nobody is handling',
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
    page: 'AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html',
  },
];
