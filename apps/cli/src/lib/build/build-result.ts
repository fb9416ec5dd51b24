import type { Digest } from '@mcpgen/build-cache';
import type { StepReport } from '@mcpgen/build-optimizer';
import type { NextStep } from '../report/envelope.ts';

/** What a build gave: the same whether it ran, was restored or found nothing changed. JSON. */
export interface BuildResult {
  readonly name: string;
  readonly server: {
    /** Absolute. */
    readonly directory: string;
    readonly tools: number;
    readonly resources: number;
    readonly prompts: number;
    readonly bytes: number;
  };
  readonly image: ImageResult | undefined;
  readonly targets: readonly TargetResult[];
  readonly steps: readonly StepReport[];
  /** Milliseconds. */
  readonly duration: number;
  readonly warnings: readonly string[];
  readonly next: readonly NextStep[];
}

export interface ImageResult {
  readonly directory: string;
  /** Of the manifest, or of the index of a multi-platform image. */
  readonly digest: Digest;
  readonly base: string;
  /** Compressed bytes of all layers, the base's among them. */
  readonly size: number;
  /** Compressed bytes above the base. */
  readonly ownSize: number;
  readonly layers: readonly { readonly name: string; readonly digest: Digest; readonly size: number }[];
}

export interface TargetResult {
  readonly kind: 'tar' | 'push' | 'load';
  readonly name: string;
  readonly detail: string;
}
