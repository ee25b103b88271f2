import path from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

const contextKey = 'blog:handlerBundles';

/**
 * The bundles of the handlers in `lambdas/`, for the functions below a construct. The stack sets
 * their folder once.
 */
export class HandlerBundles {
  readonly #construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.#construct = construct;
  }

  static of(construct: IConstruct): HandlerBundles {
    return new HandlerBundles(construct);
  }

  /**
   * Sets the folder that holds each bundle as `<handler>/<handler>.mjs`.
   * @throws {Error} if the construct already has children
   */
  setFolder(folder: string): void {
    this.#construct.node.setContext(contextKey, folder);
  }

  /**
   * Returns the bundle of one handler.
   * @throws {Error} if no folder is set for the construct or one above it, or it does not hold the
   * bundle
   */
  code(handler: string): AssetCode {
    const { node } = this.#construct;
    const folder: unknown = node.tryGetContext(contextKey);
    if (typeof folder !== 'string')
      throw new Error(
        `No folder of handler bundles is set for ${node.path}: call HandlerBundles.of(stack).setFolder(...) first.`,
      );
    return Code.fromAsset(path.join(folder, handler));
  }
}
