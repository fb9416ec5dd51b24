/** Records what a library reports by `onEvent`. */
export interface EventRecorder<E extends { readonly type: string }> {
  /** Pass this as `onEvent`. Bound: it can be handed on as it is. */
  readonly onEvent: (event: E) => void;
  /** All events so far, oldest first. */
  readonly events: readonly E[];
  /** The events of one type, oldest first. */
  ofType<T extends E['type']>(type: T): Extract<E, { readonly type: T }>[];
  /** The types in order: a story that fits in one assertion. */
  types(): E['type'][];
  /** Forgets what was recorded. */
  clear(): void;
}

/** Makes an empty recorder for events that carry a `type`. */
export function eventRecorder<E extends { readonly type: string }>(): EventRecorder<E> {
  const events: E[] = [];
  return {
    events,
    onEvent: (event) => {
      events.push(event);
    },
    ofType: <T extends E['type']>(type: T) => events.filter((event) => isOfType(event, type)),
    types: () => events.map((event) => event.type),
    clear: () => {
      events.length = 0;
    },
  };
}

function isOfType<E extends { readonly type: string }, T extends E['type']>(
  event: E,
  type: T,
): event is Extract<E, { readonly type: T }> {
  return event.type === type;
}
