import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DeployRoleStack } from '../lib/deploy-role-stack.ts';
import { readDeployRoleSettings } from './deploy-role-settings.ts';

const app = new App({ analyticsReporting: false });
try {
  const { environments, provider, repository } = readDeployRoleSettings((name) =>
    app.node.tryGetContext(name),
  );
  new DeployRoleStack(app, 'Blog-deploy-roles', { repository, environments, createsProvider: provider });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  // A stack trace would hide the reason.
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
