/** Which requests a fault hits. What is absent matches all. */
export interface FaultMatch {
  readonly method?: string;
  /** Against path and query. */
  readonly path?: RegExp;
  /** How many requests it hits before it is used up. @default 1 */
  readonly times?: number;
}

/** A way to misbehave. */
export type Fault = FaultMatch &
  (
    | {
        /** Answers so instead of doing what was asked. */
        readonly kind: 'status';
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      }
    /** Drops the connection: at once, or after so many bytes of a body that was announced whole. */
    | { readonly kind: 'cut'; readonly afterBytes?: number }
    /** Drops the connection after so many bytes of what is uploaded, which it keeps. */
    | { readonly kind: 'cut-upload'; readonly afterBytes: number }
    /** Changes the first byte of the body. */
    | { readonly kind: 'corrupt' }
    /** Ends the body after so many bytes, as if that were all. */
    | { readonly kind: 'short'; readonly bytes: number }
    /** Sends the body, and then zeros until the client goes away. */
    | { readonly kind: 'endless' }
    /** Answers only when the promise settles. */
    | { readonly kind: 'hold'; readonly until: Promise<void> }
    | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
    /** Adds or replaces headers of the answer; an empty value removes the header. */
    | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  );

/** The faults that are still to come. */
export interface FaultList {
  add(fault: Fault): void;
  /** The first fault that hits this request; it counts as used. */
  take(method: string, path: string): Fault | undefined;
}

/** Makes a list of faults; the first that matches wins. */
export function faultList(initial: readonly Fault[]): FaultList {
  let faults = initial.map((fault) => ({ fault, left: fault.times ?? 1 }));
  return {
    add(fault) {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    take(method, path) {
      const hit = faults.find(({ fault }) => (fault.method ?? method) === method && (fault.path?.test(path) ?? true));
      if (hit === undefined) return undefined;
      hit.left -= 1;
      faults = faults.filter(({ left }) => left > 0);
      return hit.fault;
    },
  };
}
