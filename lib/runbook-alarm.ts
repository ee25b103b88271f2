import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface RunbookAlarmProps
  extends Pick<AlarmProps, 'metric' | 'comparisonOperator' | 'threshold' | 'treatMissingData'> {
  /** One sentence: what has happened when the alarm goes off. */
  readonly meaning: string;
  /** The heading of the section in `docs/runbook.md` that says what to do. */
  readonly section: string;
}

/** An alarm of one evaluation period. Its description links to a section of the runbook. */
export class RunbookAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    const { meaning, section, ...alarm } = props;
    super(scope, id, {
      ...alarm,
      alarmDescription: `${meaning} What to do: docs/runbook.md#${section.toLowerCase()}`,
      evaluationPeriods: 1,
    });
  }
}
