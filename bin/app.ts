import path from 'node:path';
import { bundleHandlers } from './bundle-handlers.ts';
import { bundleWebPage } from './bundle-web-page.ts';

const outDir = process.env.CDK_OUTDIR ?? 'cdk.out';
const handlers = path.join(outDir, 'handlers');
const webPage = path.join(outDir, 'web');
// esbuild runs in its own process for as long as the CDK takes to load. Running both at the same
// time takes half as long.
const [{ App, Validations }, { AwsSolutionsChecks }, { BlogStack }, { readSettings }] = await Promise.all([
  import('aws-cdk-lib'),
  import('cdk-nag'),
  import('../lib/blog-stack.ts'),
  import('./settings.ts'),
  bundleHandlers(handlers),
  bundleWebPage(webPage),
]);

const app = new App({ analyticsReporting: false });
const settings = settingsOrExit();
new BlogStack(app, `Blog-${settings.stage}`, { ...settings, handlers, webPage });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

function settingsOrExit(): ReturnType<typeof readSettings> {
  try {
    return readSettings((name) => app.node.tryGetContext(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
