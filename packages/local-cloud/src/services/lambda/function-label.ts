import { constructName, type Resource } from '../../template/resource.ts';
import type { FunctionProperties } from './lambda-resources.ts';

/**
 * Returns the name of a function in the log and in the flow view: that of the handler's file, or of
 * the construct if the file is `index`, as it is by default.
 */
export function functionLabel(called: Resource<FunctionProperties>): string {
  const file = called.properties.Handler.replace(/\.[^.]*$/, '').replace(/^.*\//, '');
  return file === 'index' ? constructName(called) : file;
}
