import { allProperties, handlerFunctions, resources, textOf } from './stage-template.ts';
import { stages } from './stages.ts';

it.each(stages)('are in a folder with the name of the stack in stage %s', (stage) => {
  expect(allProperties('AWS::Logs::QueryDefinition', stage).map(({ Name }) => Name)).toEqual([
    `Blog-${stage}/The path of a post`,
    `Blog-${stage}/The slowest posts`,
    `Blog-${stage}/Errors by kind`,
  ]);
});

it('read the logs of every function', () => {
  const groups = Object.values(handlerFunctions()).map(({ Properties }) =>
    textOf(Properties.LoggingConfig.LogGroup),
  );
  expect(groups.length).toBeGreaterThan(0);
  for (const { LogGroupNames } of allProperties('AWS::Logs::QueryDefinition')) {
    expect(LogGroupNames.map(textOf)).toEqual(groups);
    // The maximum of a query (CloudWatch Logs User Guide, "Analyzing log data with CloudWatch Logs Insights").
    expect(groups.length).toBeLessThanOrEqual(50);
  }
});

it('declare their parameters', () => {
  for (const { Properties } of Object.values(resources('AWS::Logs::QueryDefinition'))) {
    const named = [...Properties.QueryString.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    expect(named).toEqual((Properties.Parameters ?? []).map(({ Name }: { Name: string }) => Name));
  }
});
