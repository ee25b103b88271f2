import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { inBackground } from '../../core/background.ts';
import type { Journal, Section } from '../../core/journal.ts';
import { type Cause, KeptCause, keptCause } from '../../core/trace.ts';
import { type DeliveryServices, deliver, deliverOnce, Event, Progress } from './delivery.ts';
import type { InputContext } from './input-transformer.ts';
import type { Rule, RuleTarget } from './rule.ts';

/** An event, and the time at which its bus received it or its schedule was due. */
export const Ingestion = z.object({
  event: Event,
  /** Milliseconds since the epoch. */
  time: z.number(),
});
export type Ingestion = z.infer<typeof Ingestion>;

/** A delivery that is not done. */
const KeptDelivery = z.object({
  ingestion: Ingestion,
  ruleArn: z.string(),
  targetId: z.string(),
  cause: KeptCause,
  progress: Progress,
});

/** A delivery of an event to a target of a rule. */
interface Delivery extends RuleTarget {
  rule: Rule;
  ingestion: Ingestion;
  cause: Cause;
  progress: Progress;
}

/**
 * The deliveries of events to the targets of rules. Each is kept until the target or its dead-letter
 * queue has the event, so that it continues after a restart.
 */
export class Deliveries {
  readonly #services: DeliveryServices;
  readonly #kept: Section<typeof KeptDelivery>;

  constructor(services: DeliveryServices & { journal: Journal }) {
    this.#services = services;
    this.#kept = services.journal.section('deliveries', KeptDelivery);
  }

  /** Delivers an event to the targets of a rule, in the background. */
  begin(rule: Rule, ingestion: Ingestion, cause: Cause): void {
    const { clock, log } = this.#services;
    if (rule.skipped !== undefined) log.error(rule.name, rule.skipped);
    const now = clock.now();
    const progress = { acceptedAt: now, waitsUntil: now, retries: 0 };
    for (const target of rule.targets) this.#deliver({ ...target, rule, ingestion, cause, progress });
  }

  /**
   * Delivers an event to a target once, without retries and dead letters.
   * @throws {Error} with the reason, if the target does not accept the event
   */
  once(rule: Rule, target: RuleTarget, { event, time }: Ingestion, cause: Cause): Promise<void> {
    return deliverOnce({ event, ...target, context: contextOf(rule, time) }, cause, this.#services);
  }

  /** Continues with the deliveries that were not done when the previous process ended. */
  resume(rules: readonly Rule[]): void {
    for (const [id, { ruleArn, targetId, ...delivery }] of this.#kept.left) {
      const rule = rules.find(({ arn }) => arn === ruleArn);
      const target = rule?.targets.find((candidate) => candidate.target.Id === targetId);
      if (rule && target) this.#deliver({ ...target, rule, ...delivery }, id);
      else {
        this.#services.log.error(
          'eventbridge',
          `LOST an event: ${ruleArn} no longer has the target ${targetId}`,
        );
        this.#kept.delete(id);
      }
    }
  }

  #deliver({ rule, ingestion, cause, progress, ...target }: Delivery, id: string = randomUUID()): void {
    const { name, arn } = rule;
    const { event, time } = ingestion;
    const context = contextOf(rule, time);
    const kept = { ingestion, ruleArn: arn, targetId: target.target.Id, cause: keptCause(cause) };
    const keep = (progress: Progress) => this.#kept.put(id, { ...kept, progress });
    keep(progress);
    const done = deliver({ event, ...target, context, progress, keep }, cause, this.#services).then(() =>
      this.#kept.delete(id),
    );
    inBackground(name, done, this.#services.log);
  }
}

function contextOf({ arn, name }: Rule, time: number): InputContext {
  return { ruleArn: arn, ruleName: name, ingestionTime: new Date(time).toISOString() };
}
