import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, type Ran } from './cli-rig.ts';

/** A tool whose description is what the environment was when it was loaded. */
const TOOL = `const seen = Object.entries(process.env).map(([name, value]) => name + '=' + value).sort().join(' ');
export default { description: seen + ' ' + process.env.REGION + ' ' + new Date(0).getHours(), handler: () => 1 };
`;
const CONFIG = `export default { build: { env: ['REGION', 'TOKEN'] } };\n`;
const SECRET = 'correct-horse-battery-staple';

async function build(rig: CliRig, env: Readonly<Record<string, string>>): Promise<Ran> {
  const ran = await rig.run(['build', '--no-image', '--json'], { env });
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran;
}

function described(rig: CliRig): string {
  return JSON.parse(rig.read('dist/server/lists/tools.json'))[0].description;
}

function ranSteps(ran: Ran): readonly string[] {
  const steps = ran.json().steps as readonly { readonly name: string; readonly outcome: string }[];
  return steps.filter(({ outcome }) => outcome === 'ran').map(({ name }) => name);
}

describe('the environment of a build', () => {
  it('reaches modules by what was declared alone, whatever the machine has', async () => {
    await using rig = await cliRig({ 'tools/a.mjs': TOOL, 'mcpgen.config.mjs': CONFIG });
    await build(rig, { REGION: 'eu', OTHER: 'undeclared', TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', NODE_ENV: 'test' });
    expect(described(rig)).toBe('LC_ALL=C.UTF-8 NODE_ENV=production REGION=eu TZ=UTC eu 0');
    expect(ranSteps(await build(rig, { REGION: 'eu', OTHER: 'another', TZ: 'Asia/Tokyo' }))).toEqual([]);
  });

  it('is part of the key where it was declared, and explained by name', async () => {
    await using rig = await cliRig({ 'tools/a.mjs': TOOL, 'mcpgen.config.mjs': CONFIG });
    await build(rig, { REGION: 'eu' });
    const explained = await rig.run(['explain'], { env: { REGION: 'us', TOKEN: SECRET } });
    expect(explained.stdout).toMatch(
      /runs +describe:tool\/a +environment value REGION changed, environment value TOKEN set/,
    );
    expect(ranSteps(await build(rig, { REGION: 'us' }))).toContain('describe:tool/a');
    expect(described(rig)).toContain('us');
    await build(rig, { REGION: 'eu' });
    expect(described(rig)).toContain('eu');
    expect((await rig.run(['explain'])).stdout).toMatch(/environment value REGION unset/);
    await rig.write({ 'mcpgen.config.mjs': 'export default {};\n' });
    expect((await rig.run(['explain'])).stdout).toMatch(/environment value REGION no longer declared/);
  });

  it('leaves no value behind in keys, records and caches', async () => {
    const tool = `export default { description: process.env.TOKEN ? 'with' : 'without', handler: () => 1 };\n`;
    await using rig = await cliRig({ 'tools/a.mjs': tool, 'mcpgen.config.mjs': CONFIG });
    await build(rig, { TOKEN: SECRET });
    expect(described(rig)).toBe('with');
    const printed = await rig.run(['build', '--print-config'], { env: { TOKEN: SECRET } });
    expect(printed.stdout).toContain('"TOKEN"');
    const explained = await rig.run(['explain', '--json', '--all'], { env: { TOKEN: SECRET } });
    const folder = join(rig.directory, '.cache');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
    expect([...kept, printed.stdout, explained.stdout].filter((text) => text.includes(SECRET))).toEqual([]);
    expect(kept.length).toBeGreaterThan(5);
  });

  it('is named by the error of a module that needs more of it', async () => {
    const tool = `const url = new URL(process.env.API_URL);\nexport default { handler: () => url.href };\n`;
    await using rig = await cliRig({ 'tools/a.mjs': tool });
    const ran = await rig.run(['build', '--no-image', '--json'], { env: { API_URL: 'https://a.example' } });
    expect([ran.code, ran.json().code]).toEqual([1, 'MODULE_FAILED']);
    expect(ran.json().fix).toMatch(/looked for API_URL .*"build\.env"/);
    await rig.write({ 'mcpgen.config.mjs': `export default { build: { env: ['API_URL'] } };\n` });
    await build(rig, { API_URL: 'https://a.example' });
  });
});
