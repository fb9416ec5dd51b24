import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry } from '@mcpgen/oci';
import { serviceForTest, startRegistry } from '@mcpgen/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BIN, type CliRig, REPOSITORY } from './cli-rig.ts';
import { builder, keyPair, pushBase } from './remote-rig.ts';

const MAIN = keyPair();
const page = readFileSync(join(REPOSITORY, 'docs/ci.md'), 'utf8');

const service = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`ci-recipes.test.ts, by a registry in memory: ${service.reason}\n`);
const fake = await startRegistry();
afterAll(() => fake.close());
const host = service.kind === 'present' ? service.address : fake.host;

/** The first block of a language below a heading. */
function block(heading: string, language: string): string {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)?.[1];
  if (found === undefined) throw new Error(`docs/ci.md has no ${language} below "${heading}"`);
  return found;
}

type Variables = Readonly<Record<string, string>>;

/** One run of a pipeline: the commands that a recipe has for it, and what the service would set. */
interface Run {
  readonly script: string;
  readonly variables: Variables;
}

interface Recipe {
  readonly main: Run;
  readonly pullRequest: Run;
  /** Of the cache, without the tag. */
  readonly repository: string;
}

const KEY = { MCPGEN_CACHE_PRIVATE_KEY: MAIN.privateKey };

function plainRecipe(): Recipe {
  const registry = `${host}/mcpgen-test/${randomUUID()}`;
  const script = block('Any machine and a plain registry', 'sh');
  return {
    main: { script, variables: { ...KEY, REGISTRY: registry, BRANCH: 'main' } },
    pullRequest: { script, variables: { REGISTRY: registry, BRANCH: 'feature', PULL_REQUEST: '7' } },
    repository: `${registry}/ci/build-cache`,
  };
}

function githubRecipe(): Recipe {
  const workflow = parse(block('GitHub Actions', 'yaml'));
  expect(workflow).toMatchObject({ permissions: { contents: 'read', packages: 'write' } });
  const { steps, environment } = workflow.jobs.build;
  // Nothing but the environment that main alone may use has the key.
  expect(environment).toBe("${{ github.event_name == 'push' && 'main' || 'pull-request' }}");
  expect(page.match(/secrets\.\w+/g)).toEqual(['secrets.MCPGEN_CACHE_PRIVATE_KEY']);
  const owner = `mcpgen-test/${randomUUID()}/App`;
  const script = ['set -eo pipefail', ...steps.flatMap(({ run }: { run?: string }) => run ?? [])].join('\n');
  const common = { GITHUB_REPOSITORY: owner, GITHUB_ACTOR: 'me', TOKEN: 'token', GITHUB_STEP_SUMMARY: 'build.md' };
  const here = script.replaceAll('cache=ghcr.io/', `cache=${host}/`);
  return {
    main: { script: here, variables: { ...KEY, ...common, GITHUB_EVENT_NAME: 'push', GITHUB_REF_NAME: 'main' } },
    pullRequest: {
      script: here,
      variables: { ...common, GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF_NAME: '7/merge' },
    },
    repository: `${host}/${owner.toLowerCase()}/build-cache`,
  };
}

function gitlabRecipe(): Recipe {
  const { build } = parse(block('GitLab CI', 'yaml'));
  const [main, request] = build.rules;
  expect([main.if, request.if]).toEqual([
    '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '$CI_PIPELINE_SOURCE == "merge_request_event"',
  ]);
  const image = `${host}/mcpgen-test/${randomUUID()}`;
  const scriptOf = (rule: { variables: Variables }): string =>
    [
      'set -eo pipefail',
      ...Object.entries({ ...build.variables, ...rule.variables }).map(([name, value]) => `export ${name}="${value}"`),
      'DOCKER_CONFIG=$HOME/docker-config',
      ...build.script,
      ...build.after_script,
    ].join('\n');
  const common = { CI_REGISTRY_IMAGE: image, CI_REGISTRY: host, CI_REGISTRY_USER: 'me', CI_REGISTRY_PASSWORD: 'token' };
  return {
    main: { script: scriptOf(main), variables: { ...KEY, ...common } },
    pullRequest: { script: scriptOf(request), variables: { ...common, CI_MERGE_REQUEST_IID: '7' } },
    repository: `${image}/build-cache`,
  };
}

/** Runs the commands as the service would, on a disk that is empty but for the sources. */
async function runRecipe(rig: CliRig, { script, variables }: Run): Promise<string> {
  for (const name of ['.cache', 'dist', 'build.md'])
    rmSync(join(rig.directory, name), { recursive: true, force: true });
  const tools = join(rig.directory, '.git', 'tools');
  mkdirSync(tools, { recursive: true });
  const command = `"${process.execPath}" --conditions=@mcpgen/source --disable-warning=ExperimentalWarning "${BIN}"`;
  // What is installed, and who is logged in, is not what these recipes are about.
  const stubs = { npx: `shift; exec ${command} "$@"`, npm: 'exit 0', docker: 'cat > /dev/null' };
  for (const [name, text] of Object.entries(stubs)) {
    writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(tools, name), 0o755);
  }
  const env = { ...variables, HOME: tools, PATH: `${tools}:${process.env.PATH ?? ''}`, NO_COLOR: '1', CI: 'true' };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { cwd: rig.directory, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stderr);
      else reject(new Error(`The recipe failed: ${stdout}${stderr}`));
    });
  });
}

describe('docs/ci.md', () => {
  it('has a configuration that mcpgen takes', () => {
    expect(block('Keys, once', 'ts')).toMatch(/publicKeys: .*\n.*unsignedTags: \['pr-\*'\]/);
  });

  it.each([
    ['any machine', plainRecipe],
    ['GitHub Actions', githubRecipe],
    ['GitLab CI', gitlabRecipe],
  ])('builds on an empty disk: %s', { timeout: 120_000 }, async (_where, recipeOf) => {
    const { main, pullRequest, repository } = recipeOf();
    const image = { base: await pushBase(host), compression: 'none' };
    const config = { image, cache: { publicKeys: [MAIN.publicKey], unsignedTags: ['pr-*'] } };
    await using m = await builder({ ...config, build: { typecheck: false } });
    const cache = openRegistry(repository);

    await runRecipe(m.rig, main);
    const { digest } = await cache.resolve('main');
    const again = await runRecipe(m.rig, main);
    expect(again).toMatch(new RegExp(`from cache +${repository}:main +[1-9]\\d* results`));
    expect(again).toMatch(new RegExp(`to cache +${repository}:main +0 results`));
    expect(again).not.toMatch(/^ran /m);
    expect(m.rig.read('build.md')).toMatch(/^#|\|/m);

    await m.rig.write({ 'tools/more.ts': m.rig.read('tools/echo.ts') });
    const first = await runRecipe(m.rig, pullRequest);
    expect(first).not.toMatch(/warning/);
    expect(first).toMatch(new RegExp(`from cache +${repository}:main +[1-9]`));
    expect(first).toMatch(new RegExp(`to cache +${repository}:pr-7 +[1-9]`));
    expect(await runRecipe(m.rig, pullRequest)).not.toMatch(/^ran /m);
    expect((await cache.resolve('main')).digest).toBe(digest);
  });
});
