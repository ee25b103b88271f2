import type { Log } from '../core/log.ts';
import { type ArchitectureGraph, architectureGraph } from '../flow/architecture.ts';
import { Authorizer } from '../services/iam/authorizer.ts';
import { account } from './account.ts';
import { openTemplate } from './open-template.ts';

const silent: Log = { info() {}, warn() {}, error() {}, trace() {} };

/**
 * Returns the architecture of a cloud assembly, without running it.
 * @param assembly the folder of the assembly
 * @throws {TemplateError} if the template contains anything that the local cloud does not support
 */
export function architectureOf(assembly: string): ArchitectureGraph {
  const template = openTemplate(assembly);
  return architectureGraph(template, new Authorizer(template, { account, log: silent }), account);
}
