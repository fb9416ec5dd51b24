/** Whether `withLimit` of @mcpgen/server-runtime-perf refused. */
export function isQueueFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'QUEUE_FULL';
}
