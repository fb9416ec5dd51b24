import type { ContentEncoding } from './content-encoding.ts';

/** What a client is sent. */
export interface Negotiated {
  /** Absent: the body as it is. */
  readonly encoding: ContentEncoding | undefined;
  /** The client refuses a body as it is, however small (`identity;q=0`). */
  readonly required: boolean;
}

/**
 * @param acceptEncoding the header; absent means that nothing was asked for.
 * @param offered in the order that decides between encodings that the client likes equally.
 */
export type Negotiate = (acceptEncoding: string | undefined, offered: readonly ContentEncoding[]) => Negotiated;

/** A header that says more than this is no preference that anybody has. */
const LENGTH_LIMIT = 512;
const REMEMBERED = 64;

/**
 * Reads `Accept-Encoding` (RFC 9110, 12.5.3): quality values, `*`, `identity`, `x-gzip`. The answers to the headers seen
 * last are remembered, since clients are many and their headers few. Where a client refuses all there is, it gets the body
 * as it is: the RFC lets a server answer as if it had not been asked.
 */
export function createNegotiator(): Negotiate {
  const remembered = new Map<string, Weights>();
  return (acceptEncoding, offered) => {
    if (acceptEncoding === undefined || acceptEncoding === '' || acceptEncoding.length > LENGTH_LIMIT) return PLAIN;
    let weights = remembered.get(acceptEncoding);
    if (weights === undefined) {
      weights = readWeights(acceptEncoding);
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(acceptEncoding, weights);
    }
    return choose(weights, offered);
  };
}

const PLAIN: Negotiated = { encoding: undefined, required: false };

type Weights = Readonly<Record<ContentEncoding | 'identity', number>>;

function choose(weights: Weights, offered: readonly ContentEncoding[]): Negotiated {
  let encoding: ContentEncoding | undefined;
  let best = 0;
  for (const one of offered) {
    if (weights[one] > best) {
      encoding = one;
      best = weights[one];
    }
  }
  if (encoding === undefined || weights.identity > best) return PLAIN;
  return { encoding, required: weights.identity === 0 };
}

/** What says nothing of `identity` takes it, if with less pleasure than anything it names. */
const UNNAMED_IDENTITY = 0.0001;

function readWeights(header: string): Weights {
  const named = new Map<string, number>();
  for (const item of header.split(',')) {
    const match = /^\s*([!#$%&'*+\-.^`|~\w]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(item);
    const name = match?.[1]?.toLowerCase().replace('x-gzip', 'gzip');
    const weight = Number(match?.[2] ?? 1);
    if (name !== undefined && weight <= 1 && !named.has(name)) named.set(name, weight);
  }
  const others = named.get('*');
  return {
    br: named.get('br') ?? others ?? 0,
    gzip: named.get('gzip') ?? others ?? 0,
    zstd: named.get('zstd') ?? others ?? 0,
    identity: named.get('identity') ?? others ?? UNNAMED_IDENTITY,
  };
}
