import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, project } from '../../test/project.ts';
import { createBodyBatch } from './body-batch.ts';
import { digestOf } from './digest.ts';
import { createStore } from './store.ts';
import { bodyPath, storeLayout } from './store-layout.ts';

const open = (p: Project) => createStore(storeLayout(p.store), { now: Date.now, emit: p.events.onEvent });
const TEXTS = Array.from({ length: 60 }, (_, index) => Buffer.from(`body ${index}`));

describe('createBodyBatch', () => {
  it('puts nothing in its place before it is told to, then all, each once', async () => {
    await using p = await project();
    const store = open(p);
    const batch = createBodyBatch(store);
    for (const text of [...TEXTS, ...TEXTS]) batch.put(digestOf(text), text);
    expect(readdirSync(store.layout.bodies)).toEqual([]);
    batch.commit();
    batch.discard();
    for (const text of TEXTS) {
      const file = bodyPath(store.layout, digestOf(text));
      expect(readFileSync(file)).toEqual(text);
      expect(statSync(file).mode & 0o777).toBe(0o444);
    }
    expect(store.grown).toBe(TEXTS.reduce((sum, { length }) => sum + length, 0));
    expect(readdirSync(store.staging)).toEqual([]);
  });

  it('adds to shards that others have made meanwhile, and keeps what lies there', async () => {
    await using p = await project();
    const store = open(p);
    const batch = createBodyBatch(store);
    for (const text of TEXTS) batch.put(digestOf(text), text);
    const others = TEXTS.map((text) => `${dirname(bodyPath(store.layout, digestOf(text)))}/other`);
    for (const file of others) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'other');
    }
    batch.commit();
    for (const text of TEXTS) expect(readFileSync(bodyPath(store.layout, digestOf(text)))).toEqual(text);
    for (const file of others) expect(readFileSync(file, 'utf8')).toBe('other');
  });

  it('leaves nothing where it was given up', async () => {
    await using p = await project();
    const store = open(p);
    const batch = createBodyBatch(store);
    for (const text of TEXTS) batch.put(digestOf(text), text);
    batch.discard();
    expect(readdirSync(store.layout.bodies)).toEqual([]);
    expect(readdirSync(store.staging)).toEqual([]);
  });
});
