import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';

/**
 * Returns the size of an item in bytes: its names and values, in UTF-8.
 * Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats".
 */
export function itemSize(item: Item): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) size += Buffer.byteLength(name) + valueSize(value);
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return Buffer.byteLength(value.B, 'base64');
  if (value.SS) return sum(value.SS, (member) => Buffer.byteLength(member));
  if (value.NS) return sum(value.NS, numberSize);
  if (value.BS) return sum(value.BS, (member) => Buffer.byteLength(member, 'base64'));
  if (value.L) return 3 + sum(value.L, (element) => 1 + valueSize(element));
  if (value.M) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

function sum<Member>(members: readonly Member[], size: (member: Member) => number): number {
  return members.reduce((total, member) => total + size(member), 0);
}

/**
 * Returns one byte for every two significant digits, which begin at an even exponent, and one more
 * byte.
 */
function numberSize(number: string): number {
  const [whole = '', fraction = ''] = number.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+|0+$/g, '').length;
  if (digits === 0) return 1;
  const leading = whole.replace(/^0+/, '');
  const exponent = leading ? leading.length - 1 : -1 - fraction.search(/[1-9]/);
  return 1 + Math.ceil(digits / 2) + (digits % 2 || exponent % 2 ? 0 : 1) + (number.startsWith('-') ? 1 : 0);
}
