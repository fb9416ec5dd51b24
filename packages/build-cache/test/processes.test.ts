import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadline, effort, thorough } from './effort.ts';
import { project } from './project.ts';

const CHILD = join(import.meta.dirname, 'fixtures/share-cache.ts');
const PROCESSES = 6;

function start(store: string, directory: string, seed: number): ChildProcess {
  const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, CHILD, store, directory, String(seed), '150'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What shows something: on a busy machine it may take longer than the time that was meant for it. */
const ENOUGH = 3;

/** Keeps processes at work for a while, 16 of them for a minute in a soak, and kills one each second; another takes its place. */
async function killOnePerSecond(store: string, directory: string): Promise<{ ended: number; killed: number }> {
  const running = new Set<ChildProcess>();
  const count = { ended: 0, killed: 0, started: 0 };
  const end = performance.now() + effort(5000, 60_000);
  const work = async (): Promise<void> => {
    while (performance.now() < end || Math.min(count.ended, count.killed) < ENOUGH) {
      const number = ++count.started;
      const child = start(store, join(directory, `soak-${number}`), number);
      running.add(child);
      const [output, [code, signal]] = await Promise.all([outputOf(child), once(child, 'exit')]);
      running.delete(child);
      if (signal === 'SIGKILL') continue;
      count.ended++;
      expect({ code, failures: JSON.parse(output.slice('ready\n'.length)).failures }).toEqual({
        code: 0,
        failures: [],
      });
    }
  };
  const timer = setInterval(() => {
    const victim = [...running][count.killed % Math.max(1, running.size)];
    if (victim?.kill('SIGKILL') === true) count.killed++;
  }, 1000);
  await Promise.all(Array.from({ length: effort(4, 16) }, work)).finally(() => clearInterval(timer));
  return count;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout ?? []) output += String(chunk);
  return output;
}

describe('many processes on one store', () => {
  it('store, restore and evict at once, one of them is killed: no wrong byte, no failure, nothing damaged', async () => {
    await using p = await project();
    const children = Array.from({ length: PROCESSES }, (_, seed) =>
      start(p.store, join(p.out, String(seed)), seed + 1),
    );
    const [victim, ...others] = children;
    victim?.stdout?.once('data', () => victim.kill('SIGKILL'));
    const results = await Promise.all(
      others.map(async (child) => {
        const [output, [code]] = await Promise.all([outputOf(child), once(child, 'exit')]);
        return { code, ...JSON.parse(output.slice('ready\n'.length)) };
      }),
    );
    for (const result of results) expect(result).toMatchObject({ code: 0, failures: [] });
    expect(results.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(100);
    const cache = p.open();
    expect((await cache.verify()).damaged.filter(({ kind }) => kind === 'body')).toEqual([]);
    // Whoever was killed told the index nothing; it says what lies there nevertheless, once somebody has looked.
    await cache.list();
    expect((await cache.verify()).index).toBe('right');
    const { all } = await cache.stats();
    const counted = results.reduce((sum, { hits, misses, lost }) => sum + hits + misses + lost, 0);
    expect(all.total.hits + all.total.misses).toBe(counted);
  }, 120_000);

  it(
    `do so for ${effort(5, 60)} seconds while one is killed every second`,
    async () => {
      await using p = await project();
      const { ended, killed } = await killOnePerSecond(p.store, p.out);
      expect(Math.min(ended, killed)).toBeGreaterThanOrEqual(ENOUGH);
      expect((await p.open().verify()).damaged.filter(({ kind }) => kind === 'body')).toEqual([]);
      if (thorough) process.stdout.write(`${ended} processes ended, ${killed} were killed\n`);
    },
    deadline,
  );
});
