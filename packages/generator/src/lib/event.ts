/** What this package tells while it works. Nothing is printed here. */
export type GeneratorEvent = WarningEvent | ModuleOutputEvent | DescriberEvent;

/** Something that works and should be looked at. */
export interface WarningEvent {
  readonly type: 'warning';
  readonly message: string;
  /** Relative to the project. */
  readonly file?: string;
}

/** What a module wrote while it was loaded. It must not reach stdout, where a protocol may run. */
export interface ModuleOutputEvent {
  readonly type: 'module-output';
  /** The file that was being described, or absent where none was. */
  readonly file?: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** A child process of the describer came or went. */
export interface DescriberEvent {
  readonly type: 'describer-started' | 'describer-ended';
  readonly pid: number | undefined;
}

export type OnGeneratorEvent = (event: GeneratorEvent) => void;
