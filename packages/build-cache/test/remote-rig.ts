import { digestOf, type LocalCache } from '@mcpgen/build-cache';
import { chainCaches, openRemoteTier, type RemoteStore, type RemoteTier } from '@mcpgen/build-cache/remote';
import { openRegistry } from '@mcpgen/oci';
import { type Project, project } from './project.ts';

/** Opens a remote with the signal of the tier. */
export type OpenRemote = (signal: AbortSignal) => RemoteStore;

export interface TierSettings {
  readonly tag?: string;
  readonly publicKeys?: readonly string[];
  readonly privateKey?: string;
  readonly patience?: number;
}

/** A machine with a disk of its own, and a remote cache or several. */
export interface Machine extends AsyncDisposable {
  readonly project: Project;
  readonly near: LocalCache;
  tier(open: OpenRemote, settings?: TierSettings): RemoteTier;
  /** Runs a step under a cache: `hit`, or `ran` where it had to write its files itself. */
  build(tiers: Tiers, name: string, files: Files): Promise<Outcome>;
}

export type Files = Readonly<Record<string, string>>;

export interface Tiers {
  readonly read?: readonly RemoteTier[];
  readonly write?: RemoteTier;
}

export interface Outcome {
  readonly outcome: 'hit' | 'ran';
  readonly tier: string | undefined;
}

export async function machine(): Promise<Machine> {
  const p = await project();
  const near = p.open();
  return {
    project: p,
    near,
    tier: (open, { tag = 'main', ...settings } = {}) =>
      openRemoteTier({ open, tag, exchange: near.exchange, onEvent: p.events.onEvent, ...settings }),
    build: async (tiers, name, files) => {
      const cache = chainCaches(near, { read: [], ...tiers });
      const hit = await cache.lookup(digestOf(name), name);
      if ((await hit?.restore(p.back)) === true) return { outcome: 'hit', tier: hit?.tier };
      // The one way in which `keep` uses a cache.
      await p.keep({ ...near, store: cache.store }, name, files);
      return { outcome: 'ran', tier: undefined };
    },
    [Symbol.asyncDispose]: p[Symbol.asyncDispose],
  };
}

/** Tries that fail are repeated at once. */
export function inRegistry(host: string, repository = 'team/cache'): OpenRemote {
  const retry = { attempts: 2, delay: async () => {} };
  return (signal) => openRegistry(`${host}/${repository}`, { signal, access: 'push', retry });
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(seed: string, bytes: number): string {
  let text = '';
  for (let n = 0; text.length < bytes; n++) text += digestOf(`${seed} ${n}`).slice(7);
  return text.slice(0, bytes);
}
