import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { isDeeperThan } from '../../../src/core/depth.ts';
import { AwsError } from '../../../src/core/service.ts';
import { formatXml, formatXmlError, parseQuery } from '../../../src/services/sns/query-protocol.ts';

const xml = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false });

describe('a query', () => {
  test('consists of an operation and its input', () => {
    const query = new URLSearchParams({
      Action: 'Subscribe',
      Version: '2010-03-31',
      TopicArn: 'arn:topic',
      'Attributes.entry.1.key': 'FilterPolicy',
      'Attributes.entry.1.value': '{"topic":["summer"]}',
      'Attributes.entry.2.key': 'FilterPolicyScope',
      'Attributes.entry.2.value': 'MessageBody',
    });
    expect(parseQuery(`${query}`)).toEqual({
      operation: 'Subscribe',
      input: {
        TopicArn: 'arn:topic',
        Attributes: { FilterPolicy: '{"topic":["summer"]}', FilterPolicyScope: 'MessageBody' },
      },
    });
  });

  test('holds maps of structures', () => {
    const query = 'Action=X&M.entry.1.Name=n&M.entry.1.Value.DataType=String&M.entry.1.Value.StringValue=v';
    expect(parseQuery(query).input).toEqual({ M: { n: { DataType: 'String', StringValue: 'v' } } });
  });

  test('is read as it was written, for any text', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (Message, attributes) => {
        const query = new URLSearchParams({ Action: 'Publish', Message });
        Object.entries(attributes).forEach(([key, value], index) => {
          query.set(`Attributes.entry.${index + 1}.key`, key);
          query.set(`Attributes.entry.${index + 1}.value`, value);
        });
        const { input } = parseQuery(`${query}`);
        expect(input.Message).toBe(Message);
        expect(Object.entries(input.Attributes ?? {})).toEqual(Object.entries(attributes));
      }),
    );
  });

  test('of any shape is refused, or becomes an input of bounded depth and count', () => {
    const name = fc
      .array(fc.constantFrom('a', '', 'entry', 'key', '1', '__proto__'), { maxLength: 12 })
      .map((parts) => parts.join('.'));
    const repeated = fc.tuple(name, fc.constantFrom(1, 2, 20)).map(([one, n]) => one.repeat(n));
    fc.assert(
      fc.property(fc.array(repeated, { maxLength: 5 }), fc.constantFrom(1, 1, 300), (names, times) => {
        const some = names.map((one, index) => `${one}${index}=1`).join('&');
        const query = `Action=X&${Array.from({ length: times }, () => some).join('&')}`;
        try {
          const { input } = parseQuery(query);
          expect(isDeeperThan(10, input)).toBe(false);
          expect(Object.keys(input).length).toBeLessThanOrEqual(1_000);
        } catch (error) {
          expect(error).toMatchObject({ code: 'MalformedQueryString' });
          expect(String(error).length).toBeLessThan(200);
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['a name of very many parts', `Action=X&${'a.'.repeat(1_000_000)}=1`],
    ['a name of eleven parts', `Action=X&${'a.'.repeat(10)}a=1`],
    ['very many parameters', `Action=X${'&a'.repeat(1_000_000)}`],
    ['very many empty parameters', `Action=X${'&'.repeat(1_000_000)}`],
  ])('is refused with %s', (_what, query) => {
    expect(() => parseQuery(query)).toThrow(expect.objectContaining({ code: 'MalformedQueryString' }));
  });

  test.each([
    ['MissingAction', ''],
    ['MissingAction', 'Action.x=1'],
    ['MalformedQueryString', 'Action=X&A=1&A=2'],
    ['MalformedQueryString', 'Action=X&A=1&A.b=2'],
    ['MalformedQueryString', 'Action=X&A.b=2&A=1'],
    ['MalformedQueryString', 'Action=X&A.entry.1.value=2'],
    ['MalformedQueryString', 'Action=X&A.entry.1=2'],
  ])('is refused with %s: %s', (code, query) => {
    expect(() => parseQuery(query)).toThrow(expect.objectContaining({ code }));
  });

  test('of any form is read or refused, without touching a prototype', () => {
    const key = fc.array(fc.constantFrom('entry', 'member', 'key', 'Name', '1', '__proto__', ''), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.string())), (pairs) => {
        const query = new URLSearchParams({ Action: 'X' });
        for (const [names, value] of pairs) query.append(names.join('.'), value);
        try {
          parseQuery(`${query}`);
        } catch (error) {
          expect(error).toBeInstanceOf(AwsError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

describe('an answer', () => {
  test('is XML with the lists and maps of the query protocol', () => {
    const result = {
      Subscriptions: [{ SubscriptionArn: 'a', Endpoint: 'x@y.z' }, { SubscriptionArn: 'b' }],
      Attributes: { FilterPolicy: '{"a":["<&>"]}', Owner: '1' },
      NextToken: '100',
    };
    expect(xml.parse(formatXml('ListSubscriptions', result, 'id'))).toEqual({
      ListSubscriptionsResponse: {
        '@_xmlns': 'http://sns.amazonaws.com/doc/2010-03-31/',
        ListSubscriptionsResult: {
          Subscriptions: { member: result.Subscriptions },
          Attributes: {
            entry: [
              { key: 'FilterPolicy', value: '{"a":["<&>"]}' },
              { key: 'Owner', value: '1' },
            ],
          },
          NextToken: '100',
        },
        ResponseMetadata: { RequestId: 'id' },
      },
    });
  });

  test('can contain any text; characters that XML does not allow are replaced', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const { XResponse } = xml.parse(formatXml('X', { Text: text }, 'id'));
        const sayable = [...text].map((character) =>
          /[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(character) ? character : '\uFFFD',
        );
        // XML has only one line ending.
        expect(XResponse.XResult.Text).toBe(sayable.join('').replace(/\r\n?/g, '\n'));
      }),
    );
  });

  test.each([
    [400, 'Sender'],
    [500, 'Receiver'],
  ])('of status %d blames the %s', (status, Type) => {
    const { ErrorResponse } = xml.parse(formatXmlError(new AwsError('NotFound', 'a < b', status), 'id'));
    expect(ErrorResponse).toMatchObject({
      Error: { Type, Code: 'NotFound', Message: 'a < b' },
      RequestId: 'id',
    });
  });
});
