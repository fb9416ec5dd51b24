/** One timer that can be set anew: it fires once, at the earliest time it was set to. */
export interface WakeUp {
  setAt(time: number): void;
  setFor(milliseconds: number): void;
  cancel(): void;
}

export function createWakeUp(
  wake: () => void,
  {
    now,
    delay,
  }: {
    readonly now: () => number;
    readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  },
): WakeUp {
  let set: { readonly time: number; readonly stop: AbortController } | undefined;

  function setAt(time: number): void {
    if (time === Number.POSITIVE_INFINITY || (set !== undefined && set.time <= time)) return;
    set?.stop.abort();
    const stop = new AbortController();
    set = { time, stop };
    const onTime = () => {
      if (stop.signal.aborted) return;
      set = undefined;
      wake();
    };
    delay(Math.max(1, Math.ceil(time - now())), stop.signal).then(onTime, () => {});
  }

  return {
    setAt,
    setFor: (milliseconds) => setAt(now() + milliseconds),
    cancel: () => {
      set?.stop.abort();
      set = undefined;
    },
  };
}
