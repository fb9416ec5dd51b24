// From a directory with one tool to the files of a server, without a bundler: the module is loaded as it is.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileValidator, createDescriber, discoverProject, renderServer } from '@mcpgen/generator';

const directory = mkdtempSync(join(tmpdir(), 'generate-server-'));
const write = (path: string, contents: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), contents);
};
write(
  'tools/add.js',
  `export default {
    description: 'Adds two numbers.',
    input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number', default: 1 } }, required: ['a'] },
    handler: ({ a, b }) => a + b,
  };`,
);
write('package.json', '{ "name": "adder", "version": "1.0.0", "type": "module" }');

const project = discoverProject(directory);
const describer = createDescriber({ onEvent: (event) => assert.notEqual(event.type, 'warning') });
const parts = await Promise.all(
  project.sources.map(async ({ kind, name, file }) => {
    const description = await describer.describe({ kind, name, file, module: join(directory, file), root: directory });
    if (description.kind !== 'tool' || description.validation === undefined) throw new Error('expected a tool');
    write(`dist/validators/${name}.js`, compileValidator(description.validation, { name }));
    return { file, description, module: `./${file}`, validator: `./validators/${name}.js` };
  }),
);
describer.close();
const files = renderServer({ info: { name: project.name, version: project.version }, parts });
for (const { path, contents } of files) write(`dist/${path}`, contents);

const { default: validate } = await import(pathToFileURL(join(directory, 'dist/validators/add.js')).href);
const input = { a: 1 };
assert.equal(validate(input), true);
assert.deepEqual(input, { a: 1, b: 1 });
assert.deepEqual(validate({ a: 'one' }), [{ path: '/a', message: 'expected number, got string' }]);
assert.deepEqual(
  files.map(({ path }) => path),
  ['lists/tools.json', 'main.js', 'manifest.json', 'package.json'],
);
rmSync(directory, { recursive: true });
