import { deriveContext } from './derive-context.ts';
import type { Handler, HandlerContext } from './handler.ts';

export interface SingleFlightOptions<Input, Context> {
  /** Calls with the same key share one run; `undefined` runs alone. It must hold all that the answer depends on. */
  readonly key: (input: Input, context: Context) => string | undefined;
}

/**
 * Lets concurrent calls with the same key share one run of the handler. A caller that leaves gets its signal's reason at
 * once and the run goes on for the others; when the last one has left, the run's signal aborts. A failure reaches those
 * who waited for it, never a call that comes after. The run gets the context of the call that began it.
 */
export function singleFlight<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  { key }: SingleFlightOptions<Input, Context>,
): Handler<Input, Output, Context> {
  const flights = new Map<string, Flight<Output>>();

  return (input, context) => {
    const name = key(input, context);
    if (name === undefined) return handler(input, context);
    if (context.signal.aborted) return Promise.reject(context.signal.reason);
    const flight = flights.get(name) ?? begin(name, input, context);
    return join(flight, context.signal);
  };

  function begin(name: string, input: Input, context: Context): Flight<Output> {
    const controller = new AbortController();
    const forget = () => {
      if (flights.get(name) === flight) flights.delete(name);
    };
    const run = async () => handler(input, deriveContext(context, controller.signal));
    const flight: Flight<Output> = { run: run().finally(forget), controller, passengers: 0, forget };
    flights.set(name, flight);
    return flight;
  }
}

interface Flight<Output> {
  readonly run: Promise<Output>;
  readonly controller: AbortController;
  readonly forget: () => void;
  passengers: number;
}

function join<Output>(flight: Flight<Output>, signal: AbortSignal): Promise<Output> {
  flight.passengers += 1;
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(signal.reason);
      flight.passengers -= 1;
      if (flight.passengers > 0) return;
      flight.forget(); // who comes now must not share a run that is being stopped
      flight.controller.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    const land = () => signal.removeEventListener('abort', leave);
    flight.run.finally(land).then(resolve, reject);
  });
}
