import { readFileSync } from 'node:fs';
import { resources } from './stage-template.ts';

const runbook = readFileSync('docs/runbook.md', 'utf8');
/** The anchors of the runbook's sections. */
const sections = [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
);

it.each(Object.keys(resources('AWS::SQS::Queue')))('%s has a section in the runbook', (queue) => {
  expect(sections.some((section) => queue.toLowerCase().endsWith(section))).toBe(true);
});

const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
  Object.entries(resources(type, 'prod')),
);
it.each(alarms)('%s says what happened, and has a section in the runbook', (_, { Properties }) => {
  const [, section] = /^\w.*\. What to do: docs\/runbook\.md#(\w+)$/.exec(Properties.AlarmDescription) ?? [];
  expect(sections).toContain(section);
});
