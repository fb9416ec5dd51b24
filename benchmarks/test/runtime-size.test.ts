import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMcpgenFixture } from '../server/mcpgen-fixture.ts';

/** Bytes of code that a server may load before its first tool. */
const BUDGET = 60_000;

describe('the runtime of a built server', () => {
  it('starts from one file within its budget; what few servers need lies in others', async () => {
    using fixture = await createMcpgenFixture();
    const directory = join(dirname(fixture.main(1)), 'runtime');
    const start = readFileSync(join(directory, 'main.js'), 'utf8');
    expect(start).not.toMatch(/(?:from|import)"\.\//);
    expect(start.length).toBeLessThanOrEqual(BUDGET);
    const lazy = readdirSync(directory).map((file) => file.replace(/-[0-9a-f]{16}/, ''));
    expect(lazy).toEqual(expect.arrayContaining(['rare-features.js', 'result-cache.js', 'worker-pool.js']));
  });
});
