import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BlogStack } from '../lib/blog-stack.ts';
import { bundleHandlers } from './bundle-handlers.ts';
import { readSettings, type Settings } from './settings.ts';

const app = new App({ analyticsReporting: false });
const settings = settingsOrExit();
const handlers = path.join(app.outdir, 'handlers');
bundleHandlers(handlers);
new BlogStack(app, `Blog-${settings.stage}`, { ...settings, handlers });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

function settingsOrExit(): Settings {
  try {
    return readSettings((name) => app.node.tryGetContext(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
