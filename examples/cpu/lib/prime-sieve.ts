const segmentSize = 1 << 16;

/** How many primes are at most `limit`: the sieve of Eratosthenes, segment by segment, so that memory stays small. */
export function countPrimes(limit: number, onSegment: (end: number) => void = () => {}): number {
  const basePrimes = primesUpTo(Math.floor(Math.sqrt(limit)));
  let count = 0;
  for (let start = 2; start <= limit; start += segmentSize) {
    const end = Math.min(start + segmentSize, limit + 1);
    const isComposite = new Uint8Array(end - start);
    for (const prime of basePrimes) {
      const first = Math.max(prime * prime, Math.ceil(start / prime) * prime);
      for (let multiple = first; multiple < end; multiple += prime) isComposite[multiple - start] = 1;
    }
    for (const composite of isComposite) count += 1 - composite;
    onSegment(end);
  }
  return count;
}

function primesUpTo(limit: number): readonly number[] {
  const primes: number[] = [];
  for (let candidate = 2; candidate <= limit; candidate++) {
    if (!primes.some((prime) => prime * prime <= candidate && candidate % prime === 0)) primes.push(candidate);
  }
  return primes;
}
