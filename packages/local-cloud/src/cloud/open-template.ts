import { Template } from '../template/template.ts';
import { account } from './account.ts';
import { hints, resourceTypes } from './resource-types.ts';
import { compareResources } from './template-comparison.ts';

/**
 * Reads the template of a cloud assembly.
 * @throws {TemplateError} naming everything that the local cloud does not support, unless
 * `skipUnsupported` leaves it out
 */
export function openTemplate(assembly: string, skipUnsupported?: boolean): Template {
  return new Template(assembly, account, resourceTypes, {
    compare: compareResources,
    hints,
    skipUnsupported,
  });
}
