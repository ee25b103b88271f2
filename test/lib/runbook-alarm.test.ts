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

/** Returns the text of a section, or of the section to which its steps refer. */
function stepsOf(section = ''): string {
  const [text = ''] = runbook.match(new RegExp(`^## ${section}\\n.*?(?=^## )`, 'ims')) ?? [];
  const [, other] = /\*\*Do:\*\* the same as for \[\w+\]\(#(\w+)\)/.exec(text) ?? [];
  return other === undefined ? text : stepsOf(other);
}

it.each(alarms)('%s has the three first steps in the runbook', (_, { Properties }) => {
  const [, section] = /#(\w+)$/.exec(Properties.AlarmDescription) ?? [];
  expect(stepsOf(section)).toMatch(
    /\*\*Users see:\*\*.*\*\*Do:\*\*( first.*Second.*Third|\n +1\..*\n +2\..*\n +3\.)/s,
  );
});
