/**
 * What BuildKit tells of a running build: `moby.buildkit.v1.StatusResponse`, from the engine as Protocol Buffers and from
 * `docker buildx build --progress=rawjson` as JSON. A vertex is sent again whenever something about it changed.
 */
export interface SolveStatus {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly VertexWarning[];
}

/** A step of a build. Times are milliseconds since the epoch, by BuildKit's clock. */
export interface Vertex {
  readonly digest: string;
  /** Digests of the steps that it waits for. */
  readonly inputs: readonly string[];
  /** `[deps 2/4] RUN npm ci` */
  readonly name: string;
  readonly cached: boolean;
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly error: string | undefined;
}

/** What a step printed. */
export interface VertexLog {
  readonly vertex: string;
  readonly bytes: Uint8Array;
}

export interface VertexWarning {
  readonly vertex: string;
  readonly message: string;
}
