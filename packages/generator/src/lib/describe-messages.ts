import type { Description } from './description.ts';
import type { GeneratorErrorCode } from './errors.ts';
import type { SourceKind } from './project.ts';

/** What the describer is asked, and what it hands to its child. */
export interface DescribeRequest {
  readonly kind: SourceKind;
  /** From the file's path. */
  readonly name: string;
  /** The source file as messages show it, relative to `root`. */
  readonly file: string;
  /** Absolute path of the bundled module. */
  readonly module: string;
  /** Absolute path of the project. */
  readonly root: string;
  /**
   * Absolute directory of the server that the module is part of, where it is not yet in its place: source maps are
   * written as if it lay two levels below the project.
   */
  readonly server?: string | undefined;
}

/** A `GeneratorError` as it crosses from the child. */
export interface DescribeFailure {
  readonly code: GeneratorErrorCode;
  readonly message: string;
  readonly line?: number | undefined;
  readonly hint?: string | undefined;
  /** The mapped stack of what was thrown. */
  readonly stack?: string | undefined;
}

export type DescribeReply =
  | { readonly type: 'ready' }
  | { readonly type: 'description'; readonly description: Description }
  | { readonly type: 'failure'; readonly failure: DescribeFailure }
  /** Something that a module started failed later, or beside the load. */
  | { readonly type: 'stray'; readonly message: string; readonly file?: string | undefined };

/** Proves what came over the channel, where a module could have sent anything. */
export function isDescribeReply(value: unknown): value is DescribeReply {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'ready') return true;
  if (value.type === 'stray') return 'message' in value && typeof value.message === 'string';
  const field: unknown = Reflect.get(value, value.type === 'failure' ? 'failure' : 'description');
  return typeof field === 'object' && field !== null;
}
