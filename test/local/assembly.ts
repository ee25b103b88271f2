import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The account of the templates in tests. */
export const account = { id: '123456789012', region: 'eu-west-1' };

/**
 * Writes a cloud assembly of one stack, named `Stack`, into a new folder under `parent`, as `cdk synth` does.
 * @param assets the modules of the code assets: `{ echo: 'export …' }` is `echo.mjs` in an asset with the key `echo.zip`
 * @returns the assembly's folder
 */
export function writeAssembly(parent: string, template: object, assets: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(parent, 'assembly-'));
  const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content));
  for (const [name, code] of Object.entries(assets)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, `${name}.mjs`), code);
  }
  const files = Object.keys(assets).map((name) => [
    name,
    { source: { path: `asset.${name}` }, destinations: { here: { objectKey: `${name}.zip` } } },
  ]);
  write('manifest.json', {
    artifacts: {
      Stack: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Stack.template.json' } },
      'Stack.assets': { type: 'cdk:asset-manifest' },
    },
  });
  write('Stack.template.json', template);
  write('Stack.assets.json', { files: Object.fromEntries(files) });
  return folder;
}

/** An `AWS::Lambda::Function` with one of the assets. */
export function functionResource(asset: string, properties: object = {}): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: asset,
      Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
      Handler: `${asset}.handler`,
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::123456789012:role/role',
      ...properties,
    },
  };
}
