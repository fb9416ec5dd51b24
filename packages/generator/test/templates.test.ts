import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listTemplates } from '@mcpgen/generator';
import { describe, expect, it } from 'vitest';

describe('templates', () => {
  it.each(listTemplates())('%o passes its own tests', ({ name, description }) => {
    expect(description).toMatch(/^An MCP server .+\.$/);
    const directory = fileURLToPath(new URL(`../templates/${name}/`, import.meta.url));
    const tests = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    expect(tests.length).toBeGreaterThan(0);
    const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning', '--test'];
    const { status, stdout } = spawnSync(process.execPath, [...flags, ...tests], { cwd: directory, encoding: 'utf8' });
    expect(status === 0 ? '' : stdout).toBe('');
  });
});
