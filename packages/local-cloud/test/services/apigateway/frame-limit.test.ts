import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { limitFrames } from '../../../src/services/apigateway/frame-limit.ts';

const LIMIT = 200;

/** Returns a client's frame; `form` is the number of bytes of its length. Source: RFC 6455, section 5.2. */
function frame(size: number, form: 1 | 3 | 9, masked: boolean): Buffer {
  const length = Buffer.alloc(form);
  const mask = masked ? 0x80 : 0;
  length[0] = mask | (form === 9 ? 127 : form === 3 ? 126 : size);
  if (form === 3) length.writeUInt16BE(size, 1);
  if (form === 9) length.writeBigUInt64BE(BigInt(size), 1);
  // A reader that lost its place would parse these bytes as an invalid header.
  return Buffer.concat([
    Buffer.from([0x82]),
    length,
    Buffer.alloc(masked ? 4 : 0, 0xff),
    Buffer.alloc(size, 0xff),
  ]);
}

/** Sends the bytes in these pieces. Returns the number of pieces before each report of an exceeded limit. */
function exceeded(pieces: Buffer[]): number[] {
  const socket = new Duplex({ read() {} });
  const after: number[] = [];
  let piece = 0;
  limitFrames(socket, LIMIT, () => after.push(piece));
  for (const bytes of pieces) {
    socket.emit('data', bytes);
    piece++;
  }
  return after;
}

const frames = fc.array(fc.record({ size: fc.nat(LIMIT + 1), wide: fc.boolean(), masked: fc.boolean() }), {
  maxLength: 8,
});
const formOf = (size: number, wide: boolean) => (wide ? 9 : size > 125 ? 3 : 1);

it('detects the first frame over the limit, however the bytes are split', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 400 })), (sent, cuts) => {
      const bytes = Buffer.concat(
        sent.map(({ size, wide, masked }) => frame(size, formOf(size, wide), masked)),
      );
      const pieces: Buffer[] = [];
      let start = 0;
      for (const cut of cuts) {
        pieces.push(bytes.subarray(start, start + cut));
        start += cut;
      }
      pieces.push(bytes.subarray(start));
      expect(exceeded(pieces)).toHaveLength(sent.some(({ size }) => size > LIMIT) ? 1 : 0);
    }),
  );
});

it('detects it at the last byte of the header', () => {
  for (const form of [3, 9] as const) {
    const bytes = frame(LIMIT + 1, form, true);
    const pieces = [...bytes].map((_byte, index) => bytes.subarray(index, index + 1));
    expect(exceeded(pieces)).toEqual([1 + form + 4 - 1]);
  }
});

it('copies no more than the headers, however many frames arrive together', () => {
  const count = 2_000;
  const bytes = Buffer.concat(Array.from({ length: count }, () => frame(0, 1, true)));
  const concat = jest.spyOn(Buffer, 'concat');
  exceeded([bytes]);
  const copied = concat.mock.results.reduce((sum, { value }) => sum + Buffer.from(value).length, 0);
  concat.mockRestore();
  expect(copied).toBeLessThanOrEqual(14 * count);
});
