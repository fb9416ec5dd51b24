import { join } from 'node:path';
import { readBuildState } from '@mcpgen/cache-invalidation';
import { describe, expect, it } from 'vitest';
import { cliRig } from './cli-rig.ts';
import { built, workOf } from './edit-rig.ts';

const FILES = {
  'tools/echo.mjs': `import { shared } from '../lib/shared.mjs';
export default {
  description: 'Says it again',
  input: { type: 'object', properties: { text: { type: 'string', minLength: 1, pattern: '^a' }, n: { type: 'integer', default: 1 } }, required: ['text'] },
  output: { type: 'object', properties: { text: { type: 'string', format: 'date-time' } } },
  annotations: { readOnlyHint: true },
  handler: ({ text }) => ({ text: shared(text) }),
};
`,
  'tools/other.mjs': `import { shared } from '../lib/shared.mjs';\nexport default { handler: () => shared('other') };\n`,
  'lib/shared.mjs': `export const shared = (text) => text + text;\n`,
  'prompts/ask.mjs': `export default { description: 'Asks', arguments: { topic: { required: true } }, handler: () => 'hi' };\n`,
  'resources/readme.mjs': `export default { uri: 'file:///readme', mimeType: 'text/plain', read: () => 'hi' };\n`,
};

/**
 * What each step gives for these files. A change here means that caches of earlier versions hold something else: raise the
 * step's \`version\`, then write both down. Only where the change comes with another esbuild, which is in the key of what
 * it bundles, is the digest enough.
 */
const EXPECTED = [
  'bundle:lib/shared 1 cb160d0d81cbd6f5',
  'bundle:prompts/ask 1 02383890ef87d371',
  'bundle:resources/readme 1 a1f9e3c70aeefdc5',
  'bundle:tools/echo 1 0d1bbbb08dd964e3',
  'bundle:tools/other 1 8a268b682d4bcf8b',
  'describe:prompt/ask 3 b2720533eb8ac843',
  'describe:resource/readme 3 47fcaefc53c8a93f',
  'describe:tool/echo 3 6af3c20ea6033518',
  'describe:tool/other 3 c54b360b9ddc1d2c',
  'render 2 764d899fded674df',
  'validator:prompt/ask 2 c49534ad5c4b7dca',
  'validator:tool/echo 2 018da36c86131389',
  'validator:tool/other 2 a869b72e276e8ebf',
];

describe('the formats of steps', () => {
  it('are raised where what a step gives changed', async () => {
    await using rig = await cliRig(FILES);
    await built(rig, ['build', '--no-image', '--no-typecheck', '--profile', 'optimized']);
    const { steps } = readBuildState(join(workOf(rig), 'state'));
    const found = [...steps].filter(([name]) => name !== 'runtime');
    const formats = found.map(([name, step]) => `${name} ${step.components.version} ${step.output.slice(7, 23)}`);
    expect(formats.sort()).toEqual(EXPECTED);
  });
});
