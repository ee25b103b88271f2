import { resources } from './stage-template.ts';
import { rates } from './stages.ts';

const limitOf = ({ Statement }: { Statement: { RateBasedStatement: object } }) =>
  Statement.RateBasedStatement;

describe('the web ACL', () => {
  const [acl, association] = ['WebACL', 'WebACLAssociation'].map((type) => `AWS::WAFv2::${type}`);

  it('does not exist unless the stack asks for it', () => {
    expect(resources(acl ?? '', 'dev')).toEqual({});
    expect(resources(association ?? '', 'dev')).toEqual({});
  });

  it('limits each address to a quarter of the throttles, and at least to the minimum of AWS WAF', () => {
    const [webAcl] = Object.values(resources(acl ?? '', 'prod'));
    expect(webAcl?.Properties).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
    const rules = webAcl?.Properties.Rules;
    expect(rules.map(limitOf)).toEqual([
      { AggregateKeyType: 'IP', EvaluationWindowSec: 60, Limit: Math.floor(rates.restRate * 15) },
      {
        AggregateKeyType: 'IP',
        EvaluationWindowSec: 60,
        Limit: 30,
        ScopeDownStatement: {
          ByteMatchStatement: expect.objectContaining({
            FieldToMatch: { Method: {} },
            PositionalConstraint: 'EXACTLY',
            SearchString: 'POST',
          }),
        },
      },
    ]);
    expect(rules.map(({ Action }: { Action: object }) => Action)).toEqual([{ Block: {} }, { Block: {} }]);
  });

  it('is that of the stage, which exists before it is associated', () => {
    const [associated] = Object.values(resources(association ?? '', 'prod'));
    const arn = JSON.stringify(associated?.Properties.ResourceArn);
    expect(arn).toMatch(/:apigateway:.*::\/restapis\//);
    expect(arn).toMatch(/\/stages\/","?.*\{"Ref":"PostApi.*Stage/);
  });
});
