import { faultPlace, faultText, strikesAt } from '../../flow-view/active-faults.ts';
import { parseHop } from '../../src/core/hop.ts';

const PUT = 'create-post → dynamodb:PutItem';

describe('a fault', () => {
  it.each([
    [{ hop: PUT }, PUT, true],
    [{ hop: PUT }, 'create-post → dynamodb:UpdateItem', false],
    [{ service: 'dynamodb' }, PUT, true],
    [{ service: 'dynamodb', operation: 'PutItem', function: 'create-post' }, PUT, true],
    [{ operation: 'PutItem', function: 'relay-announcements' }, PUT, false],
    [{ function: 'create-post' }, PUT, false],
    [{ function: 'create-post' }, 'POST /posts → create-post', true],
    [{ function: 'create-post', service: 'dynamodb' }, 'POST /posts → create-post', false],
  ])('%j is shown at %s: %s', (where, hop, strikes) => {
    expect(strikesAt({ fault: 'error', ...where }, parseHop(hop))).toBe(strikes);
  });

  it('is described in words', () => {
    expect(faultText({ fault: 'delay', ms: 500, probability: 0.2 })).toBe(
      'delay 500 ms, always, with probability 0.2',
    );
    expect(faultText({ fault: 'error', times: 1, probability: 1 })).toBe('error, once a trace');
    expect(faultPlace({ fault: 'error', function: 'create-post', service: 'sns' })).toBe('create-post → sns');
    expect(faultPlace({ fault: 'error', hop: PUT })).toBe(PUT);
  });
});
