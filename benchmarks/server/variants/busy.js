// A handler that computes for so many milliseconds.
/** @param {number} milliseconds */
export default function work(milliseconds) {
  const end = performance.now() + milliseconds;
  let sum = 0;
  while (performance.now() < end) for (let step = 0; step < 10_000; step += 1) sum += Math.sqrt(step);
  return sum;
}
