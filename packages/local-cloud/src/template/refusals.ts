import { serviceOf } from './placeholder.ts';
import {
  type Refusal,
  refusalError,
  refusalLines,
  skippedPartsSentence,
  skippedSentence,
  type UnsupportedError,
} from './refusal.ts';

/** A resource that is not supported, with the values by which calls name it. */
interface Refused {
  refusal: Refusal;
  names: ReadonlySet<string>;
}

/** The parts of a template that the local cloud does not support. */
export class Refusals {
  readonly #whole = new Map<string, Refused>();
  readonly #parts = new Map<string, Refusal>();

  /** Refuses a resource, or another element of the template. */
  refuse(logicalId: string, refusal: Refusal, names: Iterable<string> = []): void {
    this.#whole.set(logicalId, { refusal, names: new Set(names) });
  }

  /** Refuses parts of a resource that is supported. */
  refuseParts(logicalId: string, refusal: Refusal): void {
    const before = this.#parts.get(logicalId)?.reasons ?? [];
    this.#parts.set(logicalId, { ...refusal, reasons: [...before, ...refusal.reasons] });
  }

  has(logicalId: string): boolean {
    return this.#whole.has(logicalId);
  }

  /** Returns the error that names everything; `undefined` if there is nothing. */
  error(): UnsupportedError | undefined {
    const causes = this.list.filter(({ reasons }) => reasons.length > 0);
    return this.list.length > 0 ? refusalError(causes) : undefined;
  }

  get list(): Refusal[] {
    return [...[...this.#whole.values()].map(({ refusal }) => refusal), ...this.#parts.values()];
  }

  /**
   * Returns the sentence that answers a call of a refused resource; `undefined` if it is not refused.
   * @param name its name, ARN, URL or logical id
   * @param service the service of the call, e.g. `sqs`
   */
  sentence(name: string, service: string): string | undefined {
    const lastSegment = name.slice(name.lastIndexOf('/') + 1);
    for (const [logicalId, { names, refusal }] of this.#whole) {
      const isNamed = names.has(name) || names.has(lastSegment);
      if (logicalId === name || (isNamed && serviceOf(refusal.type ?? '') === service))
        return skippedSentence(refusal);
    }
    return undefined;
  }

  /** Returns the sentence about the refused parts of a resource; `undefined` if it has none. */
  partsSentence(logicalId: string): string | undefined {
    const refusal = this.#parts.get(logicalId);
    return refusal && skippedPartsSentence(refusal);
  }

  /** Lines about everything that is refused. */
  get lines(): string[] {
    return refusalLines(this.list);
  }

  /** Returns the sentences about the refused resources of a type, e.g. `AWS::ApiGateway::Method`. */
  ofType(type: string): string[] {
    return this.list.filter((refusal) => refusal.type === type).map(skippedSentence);
  }
}
