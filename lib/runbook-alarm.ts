import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface RunbookAlarmProps
  extends Pick<AlarmProps, 'metric' | 'comparisonOperator' | 'threshold' | 'treatMissingData'>,
    Partial<Pick<AlarmProps, 'evaluationPeriods'>> {
  /** One sentence: what has happened when the alarm goes off. */
  readonly meaning: string;
  /** The heading of the section in `docs/runbook.md` that says what to do. */
  readonly section: string;
  /** Whether users notice when the alarm goes off, so that it wakes the person on call. */
  readonly usersSuffer?: boolean;
}

/** An alarm, of one evaluation period if absent. Its description links to a section of the runbook. */
export class RunbookAlarm extends Alarm {
  readonly usersSuffer: boolean;

  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    const { meaning, section, usersSuffer = false, ...alarm } = props;
    super(scope, id, {
      evaluationPeriods: 1,
      ...alarm,
      alarmDescription: runbookDescription(meaning, section),
    });
    this.usersSuffer = usersSuffer;
  }
}

/** Returns the description of an alarm: what has happened, and the section of the runbook. */
export function runbookDescription(meaning: string, section: string): string {
  return `${meaning} What to do: docs/runbook.md#${section.toLowerCase()}`;
}
