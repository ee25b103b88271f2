import path from 'node:path';
import { bundleHandlers } from './bundle-handlers.ts';
import { bundleWebPage } from './bundle-web-page.ts';

const outDir = process.env.CDK_OUTDIR ?? 'cdk.out';
// The bundles are as deep as the assets, to which the CDK copies them: their source maps have
// relative paths.
const handlers = outDir;
const webPage = path.join(outDir, 'web');
// `cdk synth` and `cdk deploy` check the rules of cdk-nag. Where the CDK's own validation is switched
// off, as `npm start` does, a finding must not stop an experiment.
const validates = process.env.CDK_VALIDATION !== 'false';
// esbuild runs in its own process for as long as the CDK takes to load. Running both at the same
// time takes half as long.
const [{ App, Validations }, nag, { BlogStack }, { readSettings }] = await Promise.all([
  import('aws-cdk-lib'),
  validates ? import('cdk-nag') : undefined,
  import('../lib/blog-stack.ts'),
  import('./settings.ts'),
  bundleHandlers(handlers).catch(exit),
  bundleWebPage(webPage).catch(exit),
]);

const app = new App({ analyticsReporting: false });
const settings = settingsOrExit();
new BlogStack(app, `Blog-${settings.stage}`, {
  ...settings,
  handlers,
  webPage: settings.page ? webPage : undefined,
});
if (nag) Validations.of(app).addPlugins(new nag.AwsSolutionsChecks(app));

function settingsOrExit(): ReturnType<typeof readSettings> {
  try {
    const given = Object.keys(app.node.getAllContext());
    return readSettings((name) => app.node.tryGetContext(name), given);
  } catch (error) {
    return exit(error);
  }
}

/** Ends the process with the reason alone: a stack trace would hide it. */
function exit(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
