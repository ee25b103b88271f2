/**
 * Returns an object of texts in CBOR. Source: RFC 8949, "Specification of the CBOR Encoding".
 * @param value at most 23 fields
 */
export function encodeCbor(value: Readonly<Record<string, string>>): Buffer {
  const fields = Object.entries(value);
  return Buffer.concat([Buffer.from([0xa0 + fields.length]), ...fields.flat().map(encodeText)]);
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt8(0x7a);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
