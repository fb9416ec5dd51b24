import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeProject } from '../../test/write-project.ts';
import type { DescribeRequest } from './describe-messages.ts';
import { createDescriber, type Describer, type DescriberOptions } from './describer.ts';
import type { GeneratorEvent } from './event.ts';

interface Rig extends Describer {
  readonly events: GeneratorEvent[];
  readonly ask: (file: string, root: string) => DescribeRequest;
}

function rig(options: DescriberOptions = {}): Rig {
  const events: GeneratorEvent[] = [];
  const describer = createDescriber({ ...options, onEvent: (event) => events.push(event) });
  onTestFinished(() => describer.close());
  const ask = (file: string, root: string): DescribeRequest => ({
    kind: 'tool',
    name: file.replace(/^tools\/|\.mjs$/g, ''),
    file,
    module: join(root, file),
    root,
  });
  return { ...describer, events, ask };
}

const TOOL = 'export default { handler() {} };';
const started = (events: readonly GeneratorEvent[]): number =>
  events.filter(({ type }) => type === 'describer-started').length;

describe('createDescriber', () => {
  it('describes many modules in one child', async () => {
    const root = writeProject({
      'tools/a.mjs': TOOL,
      'tools/b.mjs': 'export default { name: "other", handler() {} };',
    });
    const { describe, ask, events } = rig();
    const found = await Promise.all([describe(ask('tools/a.mjs', root)), describe(ask('tools/b.mjs', root))]);
    expect(found.map(({ name }) => name)).toEqual(['a', 'other']);
    expect(started(events)).toBe(1);
  });

  it('blames the module that hangs and goes on with the others in another child', async () => {
    const root = writeProject({
      'tools/a.mjs': 'while (true);',
      'tools/b.mjs': 'await new Promise(() => {});',
      'tools/c.mjs': TOOL,
    });
    const { describe, ask, events } = rig({ deadline: 1000 });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => describe(ask(`tools/${name}.mjs`, root))));
    expect(results).toMatchObject([
      {
        status: 'rejected',
        reason: { code: 'MODULE_TIMEOUT', message: 'Cannot load tools/a.mjs: still loading after 1000 ms' },
      },
      { status: 'rejected', reason: { code: 'MODULE_TIMEOUT', file: 'tools/b.mjs' } },
      { status: 'fulfilled', value: { name: 'c' } },
    ]);
    expect(started(events)).toBe(3);
  });

  it.each<[string, string, object]>([
    [
      'throws',
      '\n\nthrow new Error("no database");',
      { code: 'MODULE_FAILED', message: 'Cannot load tools/a.mjs: no database', line: 3 },
    ],
    ['throws a text', 'throw "odd";', { code: 'MODULE_FAILED', message: 'Cannot load tools/a.mjs: odd' }],
    [
      'imports what is missing',
      'import "./none.mjs";',
      { code: 'MODULE_FAILED', message: expect.stringContaining('none.mjs') },
    ],
    [
      'ends the process',
      '\nprocess.exit(3);',
      { code: 'MODULE_EXITED', message: 'Cannot load tools/a.mjs: it calls process.exit(3) when loaded', line: 2 },
    ],
    [
      'ends the process and hides it',
      'try { process.exit(3) } catch {}\nexport default { handler() {} };',
      { code: 'MODULE_EXITED' },
    ],
    [
      'kills the process',
      'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});',
      { code: 'MODULE_EXITED', message: expect.stringContaining('SIGKILL') },
    ],
    [
      'exports nothing',
      'export const tool = 1;',
      {
        code: 'DEFINITION_MISSING',
        message: 'Cannot describe tools/a.mjs: it has no default export',
        hint: 'Write export default defineTool({ ... }).',
      },
    ],
    ['is empty', '', { code: 'DEFINITION_MISSING', message: 'Cannot describe tools/a.mjs: it has no default export' }],
    [
      'defines a prompt',
      'const definePrompt = (prompt) => prompt;\nexport default definePrompt({ handler() {} });',
      {
        code: 'DEFINITION_INVALID',
        message: 'Cannot describe tools/a.mjs: it defines a prompt, but lies in tools/',
        line: 2,
        hint: 'Move it to prompts/, or write defineTool({ ... }).',
      },
    ],
    [
      'exports something else',
      '\nexport default 5;',
      {
        code: 'DEFINITION_INVALID',
        message: 'Cannot describe tools/a.mjs: its default export is a number, expected a tool',
        line: 2,
      },
    ],
    [
      'has no handler',
      'export default {};',
      { code: 'DEFINITION_INVALID', message: expect.stringContaining('it has no handler') },
    ],
    [
      'misspells a field',
      'export default {\n  handlr() {},\n};',
      { code: 'DEFINITION_INVALID', line: 2, hint: 'Did you mean "handler"?' },
    ],
    [
      'has a wrong type',
      'export default {\n  description: 5,\n  handler() {},\n};',
      { line: 2, message: expect.stringContaining('description must be a text, got a number') },
    ],
    [
      'has a schema of another shape',
      'export default { input: { type: "string" }, handler() {} };',
      {
        code: 'SCHEMA_INVALID',
        message: expect.stringContaining('must have "type": "object" at the top, got "string"'),
      },
    ],
  ])('says so when a module %s', async (_name, contents, error) => {
    const root = writeProject({ 'tools/a.mjs': contents });
    const { describe, ask } = rig();
    await expect(describe(ask('tools/a.mjs', root))).rejects.toMatchObject({ file: 'tools/a.mjs', ...error });
  });

  it('says once that a module ended the process', async () => {
    const root = writeProject({ 'tools/a.mjs': 'process.exit(3);', 'tools/b.mjs': TOOL });
    const { describe, ask, events } = rig();
    await Promise.allSettled([describe(ask('tools/a.mjs', root)), describe(ask('tools/b.mjs', root))]);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('runs nothing of a module after it has ended the process', async () => {
    const root = writeProject({ 'tools/a.mjs': 'process.exit(3); process.kill(process.pid, "SIGKILL");' });
    const { describe, ask } = rig();
    await expect(describe(ask('tools/a.mjs', root))).rejects.toMatchObject({
      message: expect.stringContaining('process.exit(3)'),
    });
  });

  it('does not blame a module for what another has started', async () => {
    const root = writeProject({
      'tools/a.mjs': `const onceB = (run) => { const timer = setInterval(() => globalThis.b && (clearInterval(timer), run()), 1); };
        onceB(() => process.exit(1));
        onceB(() => { throw new Error('late') });
        ${TOOL}`,
      'tools/b.mjs': `globalThis.b = true; await new Promise((resolve) => setTimeout(resolve, 50)); ${TOOL}`,
    });
    const { describe, ask, events } = rig();
    const found = await Promise.all([describe(ask('tools/a.mjs', root)), describe(ask('tools/b.mjs', root))]);
    expect(found.map(({ name }) => name)).toEqual(['a', 'b']);
    const warnings = events.filter(({ type }) => type === 'warning');
    expect(warnings).toContainEqual(
      expect.objectContaining({ file: 'tools/a.mjs', message: expect.stringContaining('process.exit(1)') }),
    );
    const message = 'Something that it started while loading has failed: late';
    expect(warnings).toContainEqual({ type: 'warning', file: 'tools/a.mjs', message });
  });

  it('names no line where a bundle does not lead to the source', async () => {
    const root = writeProject({ 'tools/a.ts': '', 'out/a.mjs': 'throw new Error("x");' });
    const { describe, ask } = rig();
    const request = { ...ask('tools/a.ts', root), module: join(root, 'out/a.mjs') };
    await expect(describe(request)).rejects.toMatchObject({ message: 'Cannot load tools/a.ts: x', line: undefined });
  });

  it('finds the line in the source by the source map of the bundle', async () => {
    // Line 1 of the bundle is line 5 of tools/a.ts.
    const map = { version: 3, sources: ['../tools/a.ts'], names: [], mappings: 'AAIA' };
    const root = writeProject({
      'tools/a.ts': '\n\n\n\nthrow new Error("x");',
      'out/a.mjs': `throw new Error("x");\n//# sourceMappingURL=data:application/json;base64,${btoa(JSON.stringify(map))}`,
    });
    const { describe, ask } = rig();
    const request = { ...ask('tools/a.ts', root), module: join(root, 'out/a.mjs') };
    await expect(describe(request)).rejects.toMatchObject({ code: 'MODULE_FAILED', file: 'tools/a.ts', line: 5 });
  });

  it.each<[string, string, string, object]>([
    ['throws', 'tools/a.ts', 'throw new Error("x")', { message: 'Cannot load tools/a.ts: x', line: 5 }],
    ['ends the process', 'tools/a.ts', 'process.exit(1)', { code: 'MODULE_EXITED', line: 5 }],
    [
      'throws in another file',
      'lib/b.ts',
      '(function f() { f() })()',
      { message: 'Cannot load tools/a.ts: Maximum call stack size exceeded (lib/b.ts:5)', line: undefined },
    ],
  ])('finds the line when a module %s in a server that is not yet in its place', async (_name, source, code, error) => {
    // Line 1 of the bundle is line 5 of the source, whose path counts from dist/server/modules/tools.
    const map = { version: 3, sources: [`../../../../${source}`], names: [], mappings: 'AAIA' };
    const server = '.cache/standard/server';
    const root = writeProject({
      'tools/a.ts': '',
      'lib/b.ts': '',
      [`${server}/modules/tools/a.mjs`]: `${code}\n//# sourceMappingURL=data:application/json;base64,${btoa(JSON.stringify(map))}`,
    });
    const { describe, ask } = rig();
    const module = join(root, server, 'modules/tools/a.mjs');
    const request = { ...ask('tools/a.ts', root), module, server: join(root, server) };
    const hint = expect.stringMatching(/^(?:A build loads every module: move|Throw an error instead: )/);
    await expect(describe(request)).rejects.toMatchObject({ file: 'tools/a.ts', hint, ...error });
  });

  it('says that a module ran out of memory, without the dump of V8', async () => {
    const root = writeProject({
      'tools/a.mjs': 'console.error("before"); const all = []; for (;;) all.push(new Array(10_000).fill(0.5));',
      node: `#!/bin/sh\nexec "${process.execPath}" --max-old-space-size=64 "$@"\n`,
    });
    chmodSync(join(root, 'node'), 0o755);
    const { describe, ask, events } = rig({ execPath: join(root, 'node') });
    await expect(describe(ask('tools/a.mjs', root))).rejects.toMatchObject({
      code: 'MODULE_EXITED',
      message: 'Cannot load tools/a.mjs: it ran out of memory',
    });
    const printed = events.flatMap((event) => (event.type === 'module-output' ? [event.text] : []));
    expect(printed.join('').trim()).toBe('before');
  });

  it('hands on what a module prints, and waits for no timer', async () => {
    const root = writeProject({
      'tools/a.mjs': `console.log('out'); console.error('err'); setInterval(() => {}, 10); ${TOOL}`,
    });
    const printed = Promise.withResolvers<void>();
    const events: GeneratorEvent[] = [];
    const describer = createDescriber({
      onEvent: (event) => {
        events.push(event);
        if (events.filter(({ type }) => type === 'module-output').length === 2) printed.resolve();
      },
    });
    onTestFinished(() => describer.close());
    await describer.describe(rig().ask('tools/a.mjs', root));
    await printed.promise;
    expect(events).toContainEqual(expect.objectContaining({ type: 'module-output', stream: 'stdout', text: 'out\n' }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'module-output', stream: 'stderr', text: 'err\n' }));
  });

  it('loads a module anew when it is asked again, and after prewarm', async () => {
    const root = writeProject({
      'tools/a.mjs': 'import { description } from "./shared.mjs"; export default { description, handler() {} };',
      'tools/b.mjs': 'import { description } from "./shared.mjs"; export default { description, handler() {} };',
      'tools/shared.mjs': `import { readFileSync } from 'node:fs'; export const description = readFileSync(new URL('text', import.meta.url), 'utf8');`,
      'tools/text': 'one',
    });
    const { writeFileSync } = await import('node:fs');
    const { describe, ask, prewarm, events } = rig();
    const description = async (file: string): Promise<unknown> =>
      Reflect.get(Reflect.get(await describe(ask(file, root)), 'listing'), 'description');
    expect(await description('tools/a.mjs')).toBe('one');
    writeFileSync(join(root, 'tools/text'), 'two');
    expect(await description('tools/a.mjs')).toBe('two');
    writeFileSync(join(root, 'tools/text'), 'three');
    prewarm();
    expect(await description('tools/b.mjs')).toBe('three');
    expect(started(events)).toBe(3);
  });

  it('takes a new child after prewarm, even when the old one was busy', async () => {
    const root = writeProject({
      'tools/a.mjs': `await new Promise((resolve) => setTimeout(resolve, 1)); ${TOOL}`,
      'tools/b.mjs': TOOL,
    });
    const { describe, ask, prewarm, events } = rig();
    const first = describe(ask('tools/a.mjs', root));
    prewarm();
    await Promise.all([first, describe(ask('tools/b.mjs', root))]);
    expect(started(events)).toBe(2);
  });

  it('rejects what waits when it is aborted or closed', async () => {
    const root = writeProject({ 'tools/a.mjs': 'await new Promise(() => {});', 'tools/b.mjs': TOOL });
    const controller = new AbortController();
    const aborted = rig({ signal: controller.signal });
    const waiting = Promise.allSettled([
      aborted.describe(aborted.ask('tools/a.mjs', root)),
      aborted.describe(aborted.ask('tools/b.mjs', root)),
    ]);
    controller.abort(new Error('stop'));
    expect(await waiting).toMatchObject([{ reason: { message: 'stop' } }, { reason: { message: 'stop' } }]);
    const closed = rig();
    closed.close();
    await expect(closed.describe(closed.ask('tools/b.mjs', root))).rejects.toMatchObject({ code: 'DESCRIBER_CLOSED' });
  });

  it('says so when its Node cannot be run', async () => {
    const root = writeProject({ 'tools/a.mjs': TOOL });
    const { describe, ask } = rig({ execPath: join(root, 'no-node') });
    await expect(describe(ask('tools/a.mjs', root))).rejects.toMatchObject({ code: 'MODULE_EXITED' });
  });
});
