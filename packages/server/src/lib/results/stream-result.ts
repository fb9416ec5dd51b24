import type { Call } from '../calls/call.ts';
import type { ToolCall } from '../catalogue/catalogue.ts';
import { type Answer, resultHead } from '../protocol/answer.ts';
import { type StreamEnd, StreamedAnswer } from '../protocol/streamed-answer.ts';
import { safeError } from '../protocol/telling-message.ts';
import { holdHeap } from './hold-heap.ts';
import { exceeds } from './result-size.ts';
import { ResultWriter } from './result-writer.ts';
import { rowCheck } from './row-check.ts';
import {
  countErrorResult,
  handlerFailed,
  resultOptions,
  sentence,
  type ToAnswer,
  timeOut,
  toolDeadline,
  whyFailed,
} from './tool-answer.ts';
import { errorResultJson, ResultProblem } from './tool-result.ts';
import { wholeProblem } from './whole-problem.ts';

/** Bytes that are made before any is sent: a result that ends or fails within them is an ordinary answer. */
const HELD = 256 * 1024;
/** Parts between two turns of the event loop, of a value that is there as a whole. */
const PARTS_PER_TURN = 16;

/**
 * Answers by a result that is made while it is sent, no faster than its reader takes it. Where the transport has no way
 * for that, it is collected.
 */
export async function answerInParts(tool: ToolCall, call: Call, value: unknown, toAnswer: ToAnswer): Promise<Answer> {
  const { request } = tool;
  const { exchange } = request;
  const problem = await wholeProblem(tool, value);
  if (problem !== undefined) return toAnswer(request, handlerFailed(tool, problem));
  countErrorResult(tool, value);
  const stream = new ResultStream(tool, call, value);
  exchange.cancel = () => stream.stop();
  if (exchange.cancelled) stream.stop();
  await stream.hold(exchange.streams === true ? HELD : Number.POSITIVE_INFINITY);
  const { end } = stream;
  if (end === undefined) return stream;
  if (end.type === 'stopped') return undefined;
  return toAnswer(request, end.type === 'failed' ? errorResultJson(end.message, request.resultTail) : stream.held);
}

/** How a result came to its end. */
type End = { readonly type: 'whole' | 'stopped' } | { readonly type: 'failed'; readonly message: string };

class ResultStream extends StreamedAnswer {
  readonly ended: Promise<StreamEnd>;
  readonly #tool: ToolCall;
  readonly #call: Call;
  readonly #writer: ResultWriter;
  readonly #parts: AsyncGenerator<void>;
  readonly #limit: number;
  readonly #resolveEnded: (end: StreamEnd) => void;
  readonly #letHeapGrow = holdHeap();
  readonly #interrupted = Promise.withResolvers<never>();
  /** Milliseconds that its maker may still take; what the reader takes is not counted. */
  #time: number;
  #size = 0;
  #made = 0;
  #held: Buffer[] = [];
  #end: End | undefined;
  #next: 'head' | 'part' | 'nothing' = 'head';

  constructor(tool: ToolCall, call: Call, value: unknown) {
    super();
    const { request, entry, loaded } = tool;
    this.#tool = tool;
    this.#call = call;
    const options = resultOptions(tool);
    this.#limit = options.limit;
    this.#time = toolDeadline(request, entry);
    this.#writer = new ResultWriter(options, rowCheck(value, loaded));
    this.#parts = this.#writer.write(value);
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#interrupted.promise.catch(() => {});
  }

  /** `undefined` as long as there is more to come. */
  get end(): End | undefined {
    return this.#end;
  }

  /** What was made and not given out. */
  get held(): string {
    return Buffer.concat(this.#held).toString();
  }

  /** Makes the beginning, as long as it is short. */
  async hold(bytes: number): Promise<void> {
    while (this.#end === undefined && this.#size <= bytes) this.#held.push(Buffer.from(await this.#make()));
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#next === 'nothing') return undefined;
    if (this.#next === 'head') {
      this.#next = 'part';
      const head = Buffer.concat([Buffer.from(resultHead(this.#tool.request.id)), ...this.#held]);
      this.#held = [];
      return head;
    }
    const part = this.#end === undefined ? await this.#make() : NOTHING;
    return this.#end === undefined ? part : this.#close(this.#end, part);
  }

  stop(): void {
    this.#finish({ type: 'stopped' });
    this.#interrupted.reject(STOPPED);
  }

  /** The next part of the result; where it fails, what was written of it. */
  async #make(): Promise<Buffer> {
    let part: Buffer = NOTHING;
    try {
      const { done } = await this.#inTime(this.#parts.next());
      part = this.#writer.take();
      this.#size += part.length;
      if (this.#size > this.#limit) throw new ResultProblem(exceeds(this.#limit));
      if (done === true) this.#finish({ type: 'whole' });
      else if (++this.#made % PARTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      if (this.#end === undefined) this.#finish({ type: 'failed', message: whyFailed(this.#tool, safeError(error)) });
    }
    return part;
  }

  /** Waits for a part no longer than there is time. */
  async #inTime<T>(part: Promise<T>): Promise<T> {
    const began = performance.now();
    const { request, entry } = this.#tool;
    part.catch((error: unknown) => this.#heardLate(error));
    const expire = (): void => {
      this.#finish({ type: 'failed', message: sentence(entry, timeOut(request, entry)) });
      this.#interrupted.reject(STOPPED);
    };
    // Whole milliseconds: Node keeps a list of timers for each length.
    const timer = setTimeout(expire, Math.ceil(this.#time));
    try {
      return await Promise.race([part, this.#interrupted.promise]);
    } finally {
      clearTimeout(timer);
      this.#time = Math.max(0, this.#time - (performance.now() - began));
    }
  }

  #heardLate(error: unknown): void {
    if (this.#end === undefined) return;
    this.#tool.request.server.onEvent?.({ type: 'late-failure', what: `tool "${this.#tool.entry.name}"`, error });
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#tool.request.exchange.cancel = undefined;
    if (end.type !== 'whole') {
      this.#call.abort();
      for (const source of this.#writer.sources) this.#leave(source);
    }
    this.#letHeapGrow();
    this.#resolveEnded(end.type);
  }

  /** Tells a stream that nobody reads on. */
  async #leave(source: AsyncIterator<unknown>): Promise<void> {
    try {
      await source.return?.();
    } catch (error) {
      this.#heardLate(error);
    }
  }

  /** The end of the message: a result that is not whole is an error's. */
  #close(end: End, part: Buffer): Buffer {
    this.#next = 'nothing';
    const last = Buffer.from(part);
    if (end.type === 'whole') return Buffer.concat([last, BRACE]);
    this.#writer.fail(end.type === 'failed' ? end.message : sentence(this.#tool.entry, 'was cancelled'));
    return Buffer.concat([last, this.#writer.take(), BRACE]);
  }
}

const NOTHING = Buffer.alloc(0);
const BRACE = Buffer.from('}');
/** Ends the wait for a part that nobody waits for any more. */
const STOPPED = new Error('stopped');
