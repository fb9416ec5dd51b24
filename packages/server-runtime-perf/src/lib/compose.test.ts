import { describe, expect, it } from 'vitest';
import { compose } from './compose.ts';
import type { Layer } from './handler.ts';

describe('compose', () => {
  it('passes a call through the layers in the order written', async () => {
    const passed: string[] = [];
    const layer =
      (name: string): Layer<string, string> =>
      (next) =>
      async (input, context) => {
        passed.push(`${name} in`);
        const output = await next(input, context);
        passed.push(`${name} out`);
        return output;
      };
    const handler = compose((input: string) => input.toUpperCase(), layer('first'), layer('second'));
    expect(await handler('a', { signal: new AbortController().signal })).toBe('A');
    expect(passed).toEqual(['first in', 'second in', 'second out', 'first out']);
  });

  it('is the handler itself without layers', () => {
    const handler = () => 1;
    expect(compose(handler)).toBe(handler);
  });
});
