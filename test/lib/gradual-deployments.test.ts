import { allProperties, resources, resourcesById, textOf } from './stage-template.ts';

it('does nothing in stage dev, whose new code serves everything immediately', () => {
  for (const type of ['Application', 'DeploymentConfig', 'DeploymentGroup'])
    expect(resources(`AWS::CodeDeploy::${type}`)).toEqual({});
  for (const alias of Object.values(resources('AWS::Lambda::Alias')))
    expect(alias).not.toHaveProperty('UpdatePolicy');
});

it('moves a fifth of the invocations of each alias each minute', () => {
  expect(allProperties('AWS::CodeDeploy::DeploymentConfig', 'prod')).toEqual([
    {
      ComputePlatform: 'Lambda',
      TrafficRoutingConfig: {
        Type: 'TimeBasedLinear',
        TimeBasedLinear: { LinearInterval: 1, LinearPercentage: 20 },
      },
    },
  ]);
});

describe('in the other stages', () => {
  const groups = resourcesById('AWS::CodeDeploy::DeploymentGroup', 'prod');
  const alarms = resourcesById('AWS::CloudWatch::Alarm', 'prod');
  const aliases = Object.entries(resources('AWS::Lambda::Alias', 'prod'));

  it.each(aliases)(
    '%s has a deployment group of its own, which an alarm of its errors rolls back',
    (name, alias) => {
      const { DeploymentGroupName } = alias.UpdatePolicy.CodeDeployLambdaAliasUpdate;
      const group = groups[DeploymentGroupName.Ref]?.Properties;
      expect(group).toMatchObject({
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
        AlarmConfiguration: { Enabled: true },
      });
      const watched = group?.AlarmConfiguration.Alarms.map(
        ({ Name }: { Name: { Ref: string } }) => alarms[Name.Ref],
      );
      const handler = name.replace(/Live$/, '');
      const ofErrors = watched.find(
        ({ Properties }: { Properties: { MetricName?: string } }) => Properties.MetricName === 'Errors',
      );
      expect(ofErrors.Properties.Dimensions.map(({ Value }: { Value: unknown }) => textOf(Value))).toEqual([
        `<${handler}>`,
        `<${handler}>:live`,
      ]);
    },
  );

  it('no two aliases share a deployment group', () => {
    expect(Object.keys(groups)).toHaveLength(aliases.length);
  });
});
