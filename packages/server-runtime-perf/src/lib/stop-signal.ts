import { deadlineExceeded } from './errors.ts';
import type { WorkerCallState } from './worker-call.ts';

/** A signal and what keeps it alive. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Drops the timer and the listener behind it. */
  readonly release: () => void;
}

export interface ForcedStop extends StopSignal {
  /** Ends the call's thread, or takes the call out of the queue for one. */
  readonly end: () => void;
}

/** What `setTimeout` can count, 24 days; it takes anything above for 1. */
const longestTimer = 2 ** 31 - 1;

/** One signal for both ways a call is stopped: its caller leaves, or its time is up. */
export function createDeadlineStop(outer: AbortSignal, deadline: number): StopSignal {
  const controller = new AbortController();
  const onDeadline = () => controller.abort(deadlineExceeded(deadline));
  const follow = () => controller.abort(outer.reason);
  const timer = deadline > longestTimer ? undefined : setTimeout(onDeadline, deadline);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

/**
 * Stops a call in two steps: the handler is asked, and after the grace (milliseconds) the signal aborts, which ends the
 * thread. What no thread has taken yet needs no asking.
 */
export function createForcedStop(
  call: Pick<WorkerCallState, 'fail' | 'stage' | 'requestStop'>,
  { stop, grace }: { readonly stop: AbortSignal; readonly grace: number },
): ForcedStop {
  const controller = new AbortController();
  const end = () => controller.abort();
  let timer: NodeJS.Timeout | undefined;
  const onStop = () => {
    call.fail(stop.reason);
    if (call.stage() === 'waiting') return end();
    call.requestStop(stop.reason);
    timer = setTimeout(end, grace);
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  return {
    signal: controller.signal,
    end,
    release: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    },
  };
}
