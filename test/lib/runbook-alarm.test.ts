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

it.each(Object.entries(resources('AWS::CloudWatch::Alarm')))(
  '%s says what happened, and has a section in the runbook',
  (_, { Properties }) => {
    const [, section] =
      /^\w.*\. What to do: docs\/runbook\.md#(\w+)$/.exec(Properties.AlarmDescription) ?? [];
    expect(sections).toContain(section);
  },
);
