/** What the benchmarks use of it; the package has no types of its own. */
declare module 'cacache' {
  const cacache: {
    put(cache: string, key: string, data: string | Uint8Array): Promise<unknown>;
    readonly get: {
      info(cache: string, key: string): Promise<object | null>;
      copy(cache: string, key: string, destination: string): Promise<unknown>;
    };
  };
  export default cacache;
}
