import { describe, expect, it } from 'vitest';
import { eventRecorder } from './event-recorder.ts';

type Event = { type: 'start'; name: string } | { type: 'end'; bytes: number };

describe('eventRecorder', () => {
  it('keeps events in order and picks them by type', () => {
    const { onEvent, ...recorder } = eventRecorder<Event>();
    onEvent({ type: 'start', name: 'a' });
    onEvent({ type: 'end', bytes: 1 });
    onEvent({ type: 'start', name: 'b' });
    expect(recorder.types()).toEqual(['start', 'end', 'start']);
    expect(recorder.ofType('start').map((event) => event.name)).toEqual(['a', 'b']);
    expect(recorder.events).toHaveLength(3);
  });

  it('starts anew after clear', () => {
    const recorder = eventRecorder<Event>();
    recorder.onEvent({ type: 'end', bytes: 1 });
    recorder.clear();
    expect(recorder.events).toEqual([]);
  });
});
