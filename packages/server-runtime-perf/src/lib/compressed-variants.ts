import { compressAside } from './compress-body.ts';
import type { Compression, ContentEncoding } from './content-encoding.ts';

/**
 * Bytes that never change, in each encoding that somebody asked for: quickly for whoever asks first, and meanwhile at the
 * highest level, once, for all who come later.
 */
export class CompressedVariants<Variant extends { readonly bytes: Uint8Array }> {
  readonly #read: () => Uint8Array;
  readonly #form: Compression['form'];
  readonly #describe: (bytes: Uint8Array, source: Uint8Array) => Variant;
  readonly #current = new Map<ContentEncoding, Variant | Promise<Variant>>();
  readonly #best = new Map<ContentEncoding, Promise<Variant>>();

  /**
   * @param read gives the bytes; they are not kept.
   * @param describe makes of compressed bytes, and what they were, what is kept.
   */
  constructor(
    read: () => Uint8Array,
    form: Compression['form'],
    describe: (bytes: Uint8Array, source: Uint8Array) => Variant,
  ) {
    this.#read = read;
    this.#form = form;
    this.#describe = describe;
  }

  /** The best there is; a promise until there is any. A failure reaches those who wait, and the next one tries again. */
  get(encoding: ContentEncoding): Variant | Promise<Variant> {
    const known = this.#current.get(encoding);
    if (known !== undefined) return known;
    const soon = this.#compress(encoding, 'soon');
    this.#current.set(encoding, soon);
    soon.then(
      (variant) => this.#keep(encoding, variant),
      () => {
        if (this.#current.get(encoding) === soon) this.#current.delete(encoding);
      },
    );
    this.best(encoding).catch(() => {}); // What there is goes on being sent.
    return soon;
  }

  /** At the highest level: from now on, whoever asks gets this one. */
  best(encoding: ContentEncoding): Promise<Variant> {
    const known = this.#best.get(encoding);
    if (known !== undefined) return known;
    const best = this.#compress(encoding, 'best');
    this.#best.set(encoding, best);
    best.then(
      (variant) => this.#keep(encoding, variant),
      () => this.#best.delete(encoding),
    );
    return best;
  }

  /** The highest level gives a few bytes more than a lower one now and then. */
  #keep(encoding: ContentEncoding, variant: Variant): void {
    const known = this.#current.get(encoding);
    const isSmaller = known === undefined || known instanceof Promise || variant.bytes.length < known.bytes.length;
    if (isSmaller) this.#current.set(encoding, variant);
  }

  async #compress(encoding: ContentEncoding, effort: 'soon' | 'best'): Promise<Variant> {
    const source = this.#read();
    const compression = { effort, form: this.#form, size: source.length } as const;
    return this.#describe(await compressAside(source, encoding, compression), source);
  }
}
