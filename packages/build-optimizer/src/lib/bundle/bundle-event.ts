/** What reading and bundling report besides their results. */
export type BundleEvent =
  /** Files that were parsed because nothing was remembered about their content. */
  | { readonly type: 'scanned'; readonly files: readonly string[] }
  /** One run of the bundler, and what it wrote: chunk names, specifiers, or `runtime`. */
  | {
      readonly type: 'bundled';
      readonly kind: 'chunks' | 'dependencies' | 'runtime';
      readonly names: readonly string[];
    }
  | {
      readonly type: 'warning';
      readonly message: string;
      readonly file?: string;
      readonly line?: number;
      readonly column?: number;
    };

export type OnBundleEvent = (event: BundleEvent) => void;
