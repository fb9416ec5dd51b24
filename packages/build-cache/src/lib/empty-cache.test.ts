import { describe, expect, it } from 'vitest';
import { project } from '../../test/project.ts';
import { digestOf } from './digest.ts';
import { emptyCache } from './empty-cache.ts';

describe('emptyCache', () => {
  it('never hits, and says the same of outputs as a cache that keeps them', async () => {
    await using p = await project();
    await p.keep(p.open(), 'a', { 'a.js': 'a', 'bin*': 'b'.repeat(5000) }, { n: 1 });
    const kept = (await p.open().lookup(digestOf('a')))?.entry;
    const cache = emptyCache({ now: () => kept?.created ?? 0 });
    const entry = { key: digestOf('a'), step: 'bundle:a', directory: p.out, value: { n: 1 }, duration: 7 };
    expect(await cache.store({ ...entry, paths: ['bin', 'a.js'] })).toEqual(kept);
    expect(await cache.lookup(digestOf('a'))).toBeUndefined();
    await cache.close();
  });
});
