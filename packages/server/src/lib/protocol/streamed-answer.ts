/** `stopped`: nobody waited for it any more. */
export type StreamEnd = 'whole' | 'failed' | 'stopped';

/** A message that goes out while it is made: it is too large to be held at once, or its end is not there yet. */
export abstract class StreamedAnswer {
  /** Settles when nothing of the message is left to be made. Never rejects. */
  abstract readonly ended: Promise<StreamEnd>;

  /**
   * The next part of the message, made no sooner than it is asked for and valid until the one after is; `undefined` after
   * the last. Never rejects: what fails on the way becomes the end of the message.
   */
  abstract next(): Promise<Uint8Array | undefined>;

  /** Nobody waits for the rest: the parts that follow close the message, and nothing more is made. */
  abstract stop(): void;
}
