import { randomBytes } from 'node:crypto';
import type { RedisPort } from './redis-client.ts';

/**
 * What all replicas must know of each other's clears: one hash in Redis.
 *
 *     all        a random id, new with each clear of everything, and whenever the hash was lost
 *     tag:<tag>  the same for one tag
 *     count      grows by one with each clear and delete; begins at the time, so that a new hash counts on
 *
 * Entries carry the ids that were valid when their run began; with others they are misses. The count tells a replica
 * that it has missed a message.
 */
export interface RedisEpochs {
  /** Reads the ids for a tag, and Redis' clock with them. */
  read(port: RedisPort, tag: string | undefined): Promise<EpochReading>;
  /** Takes new ids, so that whatever was made before is a miss. @returns the count. */
  renew(port: RedisPort, tag: string | undefined): Promise<number>;
  /** Counts a change that concerns one key alone. @returns the count. */
  count(port: RedisPort): Promise<number>;
}

export interface EpochReading {
  readonly epoch: string;
  readonly count: number;
  /** Milliseconds, when it answered. */
  readonly time: number;
}

export function createRedisEpochs(key: string): RedisEpochs {
  async function readOnce(port: RedisPort, tag: string | undefined): Promise<EpochReading | undefined> {
    const fields = ['all', 'count', ...(tag === undefined ? [] : [fieldOf(tag)])];
    const [ids, clock] = await Promise.all([
      port.send(['HMGET', key, ...fields]).catch((error: unknown) => {
        if (isWrongType(error)) return []; // somebody else has put something there
        throw error;
      }),
      port.send(['TIME']),
    ]);
    const time = readTime(clock);
    const [all, count, own] = readIds(ids);
    if (all !== undefined && Number.isSafeInteger(Number(count ?? Number.NaN))) {
      return { epoch: `${all}.${own ?? ''}`, count: Number(count), time };
    }
    if (all !== undefined || count !== undefined || !Array.isArray(ids) || ids.length === 0) {
      await port.send(['DEL', key]);
    }
    await Promise.all([
      port.send(['HSETNX', key, 'count', String(Math.floor(time))]),
      port.send(['HSETNX', key, 'all', newId()]),
    ]);
    return undefined;
  }

  async function read(port: RedisPort, tag: string | undefined): Promise<EpochReading> {
    const reading = (await readOnce(port, tag)) ?? (await readOnce(port, tag));
    if (reading === undefined) throw new Error(`Redis does not keep what is written to "${key}"`);
    return reading;
  }

  const count = async (port: RedisPort): Promise<number> => Number(await port.send(['HINCRBY', key, 'count', '1']));

  return {
    read,
    count,
    renew: async (port, tag) => {
      await read(port, tag); // makes the hash where there is none
      await port.send(['HSET', key, tag === undefined ? 'all' : fieldOf(tag), newId()]);
      return count(port);
    },
  };
}

/** Whether Redis refused a command since something else lies at its key. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE');
}

function fieldOf(tag: string): string {
  return `tag:${tag}`;
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}

function readIds(reply: unknown): readonly (string | undefined)[] {
  return Array.isArray(reply) ? reply.map((id: unknown) => (id === null ? undefined : String(id))) : [];
}

/** Seconds and microseconds. */
function readTime(reply: unknown): number {
  const [seconds, microseconds] = Array.isArray(reply) ? reply.map(Number) : [];
  const time = (seconds ?? Number.NaN) * 1000 + (microseconds ?? Number.NaN) / 1000;
  if (Number.isFinite(time)) return time;
  throw new TypeError('Redis answered TIME with something else');
}
