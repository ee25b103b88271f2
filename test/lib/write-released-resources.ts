import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { lastingResources } from './lasting-resources.ts';

// Writes the fixture of lasting-resources.test.ts from the template that `cdk synth` wrote.
const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.optional(z.record(z.string(), z.unknown())) }),
  ),
});
const { Resources } = Template.parse(JSON.parse(readFileSync('cdk.out/Blog-prod.template.json', 'utf8')));
writeFileSync('test/lib/released-resources.json', JSON.stringify(lastingResources(Resources)));
