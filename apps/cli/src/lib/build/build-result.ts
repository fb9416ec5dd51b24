import type { Digest } from '@mcpgen/build-cache';
import type { StepReport } from '@mcpgen/build-optimizer';
import type { NextStep } from '../report/envelope.ts';
import type { PassedBudget } from './budgets/check-budgets.ts';

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
  /** Absent where nothing had changed: then no cache was asked. */
  readonly cache?: CacheReport;
  readonly next: readonly NextStep[];
}

/** A build that is done, as far as its budgets let it be. */
export interface CheckedResult extends BuildResult {
  /** The budgets that it passed. Where one of them fails the build, the image was sent nowhere. */
  readonly budgets: readonly PassedBudget[];
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
  /** SBOM and provenance, where they were asked for. */
  readonly documents?: readonly DocumentResult[];
  readonly layers: readonly { readonly name: string; readonly digest: Digest; readonly size: number }[];
}

/** A document about the image: in its layout as a referrer, and as a file beside it. */
export interface DocumentResult {
  readonly kind: 'sbom' | 'provenance';
  /** Name of the file beside the layout. */
  readonly file: string;
  /** Of the manifest that makes it a referrer. */
  readonly digest: Digest;
  /** Of the document itself. */
  readonly content: Digest;
  /** Bytes of the document. */
  readonly size: number;
}

export interface TargetResult {
  readonly kind: 'tar' | 'push' | 'load' | 'docker';
  readonly name: string;
  readonly detail: string;
  /** Of the image, where a Docker engine made it. */
  readonly digest?: string;
}

/** What a build had from its caches and gave to one. JSON. */
export interface CacheReport {
  /** In the order in which they were asked: `local` first. */
  readonly from: readonly {
    readonly name: string;
    /** Of steps. */
    readonly results: number;
    /** Milliseconds that the steps would have taken. */
    readonly saved: number;
    /** That came over the network. */
    readonly bytes: number;
  }[];
  readonly to: { readonly name: string; readonly results: number; readonly bytes: number } | null;
}
