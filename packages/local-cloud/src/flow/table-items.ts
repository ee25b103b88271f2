import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';
import type { TableItems } from '../core/node-contents.ts';
import type { Service } from '../core/service.ts';

/** The number of items on a page. */
const PAGE = 25;
/** The number of items that one request reads at most, to find those of a search. */
const MAXIMUM_READ = 5_000;
const MAXIMUM_TEXT = 10_000;

const Attribute = z.record(z.string(), z.unknown());
const Item = z.record(z.string(), Attribute);
type Item = z.infer<typeof Item>;
const Scanned = z.object({ Items: z.array(Item), LastEvaluatedKey: z.optional(Item) });

/**
 * Returns a page of the items of a table whose key contains a text. DynamoDB has no order of
 * partition keys, and neither has the page.
 * @param after the `next` of the page before; the first page if absent
 */
export async function tableItems(
  dynamoDb: Pick<Service, 'call'>,
  table: { name: string; keyNames: readonly string[] },
  { search, after }: { search: string; after: string | undefined },
): Promise<TableItems> {
  const { name: TableName, keyNames } = table;
  const items: TableItems['items'] = [];
  const words = search.toLowerCase();
  let read = 0;
  let start = after === undefined ? undefined : Item.safeParse(parseJson(after)).data;
  do {
    const request = { TableName, Limit: 100, ...(start && { ExclusiveStartKey: start }) };
    const { Items, LastEvaluatedKey } = Scanned.parse(await dynamoDb.call('Scan', request));
    for (const [index, item] of Items.entries()) {
      read++;
      const key = keyText(item, keyNames);
      if (!key.toLowerCase().includes(words)) continue;
      items.push({ key, text: itemText(item) });
      const isLast = index === Items.length - 1 && LastEvaluatedKey === undefined;
      if (items.length === PAGE && !isLast)
        return { items, read, next: JSON.stringify(keyOf(item, keyNames)) };
    }
    start = LastEvaluatedKey;
  } while (start !== undefined && read < MAXIMUM_READ);
  return { items, read, next: start && JSON.stringify(start) };
}

function keyOf(item: Item, keyNames: readonly string[]): Item {
  return Object.fromEntries(keyNames.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

function keyText(item: Item, keyNames: readonly string[]): string {
  return keyNames.map((name) => String(Object.values(item[name] ?? {})[0])).join(' ');
}

function itemText(item: Item): string {
  const plain = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  const text = JSON.stringify(plain, undefined, 2);
  return text.length > MAXIMUM_TEXT ? `${text.slice(0, MAXIMUM_TEXT)}…` : text;
}

/** Returns the value of an attribute without its types. A number stays exact, as a text. */
function plainValue(attribute: unknown): unknown {
  const [[type, value] = []] = Object.entries(Attribute.safeParse(attribute).data ?? {});
  if (type === 'NULL') return null;
  if (type === 'L' && Array.isArray(value)) return value.map(plainValue);
  if (type === 'M') {
    const members = Object.entries(Attribute.safeParse(value).data ?? {});
    return Object.fromEntries(members.map(([name, member]) => [name, plainValue(member)]));
  }
  if (type === 'N') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value;
}
