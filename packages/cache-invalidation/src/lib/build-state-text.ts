import { jsonText } from '@mcpgen/build-cache';
import type { StepState } from './build-state.ts';

/** Steps as one line of JSON: for the few that an edit adds to a state. */
export function encodeSteps(steps: ReadonlyMap<string, StepState>): string {
  const rows = Array.from(steps, ([name, state]) => {
    const { key, components, output, read, value, duration, outputs } = state;
    return jsonText(
      [name, { key, components, output, ...(read && { read }), value: value ?? null, duration, outputs }],
      name,
    );
  });
  return `[${rows.join(',')}]`;
}

/** The journal's digest proves that `encodeSteps` wrote this, for the state beside it. */
export function decodeSteps(text: string): readonly (readonly [name: string, state: StepState])[] {
  return JSON.parse(text) as readonly (readonly [string, StepState])[];
}
