import { describe, expect, it } from 'vitest';
import { type BuildEvent, createBuildTrace } from './build-trace.ts';
import { decodeStatus } from './decode-status.ts';
import { parseRawJson } from './parse-rawjson.ts';
import { encodeMessage } from './protobuf-schema.ts';
import type { SolveStatus, Vertex } from './solve-status.ts';

const vertex = (digest: string, facts: Partial<Vertex> = {}): Vertex => ({
  digest,
  name: `step ${digest}`,
  inputs: [],
  cached: false,
  started: undefined,
  completed: undefined,
  error: undefined,
  ...facts,
});
const status = (facts: Partial<SolveStatus>): SolveStatus => ({ vertexes: [], logs: [], warnings: [], ...facts });

describe('createBuildTrace', () => {
  it('tells the start and the end of a step once, however often it is sent', () => {
    const events: BuildEvent[] = [];
    const trace = createBuildTrace((event) => events.push(event));
    trace.add(status({ vertexes: [vertex('a'), vertex('b', { inputs: ['a'] })] }));
    for (let time = 0; time < 2; time++) {
      trace.add(status({ vertexes: [vertex('a', { started: 100 })] }));
      trace.add(status({ vertexes: [vertex('a', { started: 100, completed: 350 })] }));
      trace.add(status({ vertexes: [vertex('b', { inputs: ['a'], cached: true, started: 360, completed: 360 })] }));
    }
    expect(events.map(({ type }) => type)).toEqual([
      'docker-build-started',
      'docker-build-finished',
      'docker-build-started',
      'docker-build-finished',
    ]);
    expect(trace.steps()).toEqual([
      { name: 'step a', cached: false, started: 100, duration: 250, needs: [] },
      { name: 'step b', cached: true, started: 360, duration: 0, needs: ['step a'] },
    ]);
    expect(trace.failure()).toBeUndefined();
  });

  it('joins lines that come in pieces, in the middle of a character too', () => {
    const lines: string[] = [];
    const trace = createBuildTrace((event) => void (event.type === 'docker-build-log' && lines.push(event.line)));
    const bytes = Buffer.from('größe\nzwei\n');
    for (const byte of bytes) trace.add(status({ logs: [{ vertex: 'a', bytes: Buffer.of(byte) }] }));
    expect(lines).toEqual(['größe', 'zwei']);
  });

  it('names the step that failed, not one that was cancelled for it, with the last lines alone', () => {
    const trace = createBuildTrace();
    const printed = Array.from({ length: 50 }, (_, line) => `line ${line}\n`).join('');
    trace.add(
      status({
        vertexes: [
          vertex('a', { started: 1, completed: 2, error: 'context canceled' }),
          vertex('b', { started: 1, completed: 2, error: 'exit code: 1' }),
        ],
        logs: [{ vertex: 'b', bytes: Buffer.from(`${printed}and no end`) }],
      }),
    );
    expect(trace.failure()).toMatchObject({ step: 'step b', error: 'exit code: 1' });
    expect(trace.failure()?.lines).toHaveLength(21);
    expect(trace.failure()?.lines.at(-1)).toBe('and no end');
    expect(trace.steps()).toEqual([]);
  });
});

describe('the two forms of a status', () => {
  const base64 = encodeMessage('StatusResponse', {
    vertexes: [
      {
        digest: 'sha256:a',
        inputs: ['sha256:b'],
        name: '[1/2] RUN x',
        cached: true,
        started: { seconds: 1_700_000_000, nanos: 250_000_000 },
        completed: { seconds: 1_700_000_001, nanos: 0 },
      },
    ],
    logs: [{ vertex: 'sha256:a', msg: Buffer.from('hello\n') }],
    warnings: [{ vertex: 'sha256:a', short: Buffer.from('careful') }],
  }).toString('base64');
  const rawJson = {
    vertexes: [
      {
        digest: 'sha256:a',
        inputs: ['sha256:b'],
        name: '[1/2] RUN x',
        cached: true,
        started: '2023-11-14T22:13:20.25Z',
        completed: '2023-11-14T22:13:21Z',
      },
    ],
    logs: [{ vertex: 'sha256:a', data: Buffer.from('hello\n').toString('base64') }],
    warnings: [{ vertex: 'sha256:a', short: Buffer.from('careful').toString('base64') }],
  };

  it('say the same', () => {
    const decoded = decodeStatus(base64);
    expect(decoded.vertexes).toEqual([
      {
        digest: 'sha256:a',
        inputs: ['sha256:b'],
        name: '[1/2] RUN x',
        cached: true,
        started: 1_700_000_000_250,
        completed: 1_700_000_001_000,
        error: undefined,
      },
    ]);
    const parsed = parseRawJson(rawJson);
    expect(parsed.vertexes).toEqual(decoded.vertexes);
    expect(parsed.warnings).toEqual(decoded.warnings);
    expect(parsed.logs.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['hello\n']);
    expect(decoded.logs.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['hello\n']);
  });

  it('pass over what has another form', () => {
    expect(parseRawJson({ vertexes: [{ name: 1 }, null, 'x'], logs: {}, warnings: [{}] })).toEqual(status({}));
    expect(decodeStatus('')).toEqual(status({}));
  });
});
