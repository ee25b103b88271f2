import * as fc from 'fast-check';
import { invocationId, invocationIn, traceHeader } from '../../../src/services/lambda/invocation.ts';

const trace = fc.stringMatching(/^[0-9a-f]{24}$/);

it('is found by its trace header, which has the format of X-Ray', () => {
  fc.assert(
    fc.property(trace, fc.date({ min: new Date(0), noInvalidDate: true }), (trace, now) => {
      const id = invocationId();
      const header = traceHeader({ id, cause: { trace } }, now.getTime());
      expect(header).toMatch(/^Root=1-[0-9a-f]{8,}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
      expect(header).toContain(trace);
      expect(invocationIn(header)).toBe(id);
    }),
  );
});

it('has its time in seconds in the header', () => {
  const header = traceHeader({ id: invocationId(), cause: { trace: '0'.repeat(24) } }, 0x697dcae8 * 1000);
  expect(header).toMatch(/^Root=1-697dcae8-0{24};/);
});

it.each([undefined, '', 'Root=1-697dcae8-00;Sampled=1', 'Parent=1'])('is not found by %j', (header) => {
  expect(invocationIn(header)).toBeUndefined();
});
