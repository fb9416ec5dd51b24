/** The same map with its keys in bytewise order. Several times faster than to sort its entries by a comparison. */
export function sortMap<Value>(map: ReadonlyMap<string, Value>): Map<string, Value> {
  const sorted = new Map<string, Value>();
  for (const key of [...map.keys()].sort()) {
    const value = map.get(key);
    if (value !== undefined) sorted.set(key, value);
  }
  return sorted;
}
