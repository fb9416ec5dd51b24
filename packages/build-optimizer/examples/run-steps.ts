// Builds a small site from steps as data: the second build does nothing, a change runs what it reaches. Checks itself.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf, openLocalCache } from '@mcpgen/build-cache';
import { type BuildResult, readBuildPlan, runPlan, type Step } from '@mcpgen/build-optimizer';

const project = await mkdtemp(join(tmpdir(), 'run-steps-'));
const directory = project;
const cache = openLocalCache({ directory: join(project, '.cache'), now: Date.now });

const digestsOf = (files: Record<string, string>): Record<string, Digest> =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, digestOf(content)]));

/** The build as data: a page for each source, and an index of their titles. */
function siteSteps(sources: Record<string, string>): Step[] {
  const pages = Object.entries(sources).map(
    ([path, content]): Step => ({
      name: `page:${path}`,
      version: 1,
      needs: [],
      inputs: { files: digestsOf({ [path]: content }) },
      directory,
      async run() {
        const file = path.replace('.md', '.html');
        await writeFile(join(directory, file), `<p>${content}</p>`);
        return { files: [file], value: { title: content.split('.')[0] } };
      },
    }),
  );
  const index: Step = {
    name: 'index',
    version: 1,
    needs: pages.map(({ name }) => name),
    // Only the titles show in the index: a change of a page's text does not run it.
    reads: (needs) => [...needs.values()].map(({ value }) => value),
    inputs: {},
    directory,
    async run({ needs }) {
      await writeFile(join(directory, 'index.json'), JSON.stringify([...needs.values()].map(({ value }) => value)));
      return { files: ['index.json'] };
    },
  };
  return [...pages, index];
}

const common = { cache, generatorVersion: '1', concurrency: 2, now: () => performance.now() };
const show = ({ reports }: BuildResult) => reports.map(({ name, outcome }) => `${name} ${outcome}`);

try {
  const sources = { 'home.md': 'Home. Welcome', 'about.md': 'About. Us' };
  const first = await runPlan(siteSteps(sources), { ...common, state: new Map() });
  assert.deepEqual(show(first), ['page:home.md ran', 'page:about.md ran', 'index ran']);

  const second = await runPlan(siteSteps(sources), { ...common, state: first.state });
  assert.deepEqual(show(second), ['page:home.md fresh', 'page:about.md fresh', 'index fresh']);

  const edited = siteSteps({ ...sources, 'about.md': 'About. You' });
  const plan = await readBuildPlan(edited, { ...common, state: second.state });
  assert.deepEqual(plan.steps[1], { ...plan.steps[1], action: 'run', reason: 'about.md changed' });
  const third = await runPlan(edited, { ...common, state: second.state });
  assert.deepEqual(show(third), ['page:home.md fresh', 'page:about.md ran', 'index fresh']);

  const undone = await runPlan(siteSteps(sources), { ...common, state: third.state });
  assert.deepEqual(show(undone), ['page:home.md fresh', 'page:about.md restored', 'index fresh']);
  assert.equal(await readFile(join(directory, 'about.html'), 'utf8'), '<p>About. Us</p>');
  console.log([first, second, third, undone].map((build) => show(build).join(', ')).join('\n'));
} finally {
  await cache.close();
  await rm(project, { recursive: true });
}
