// Runs in a thread: work that would keep the event loop from everything else.
export default function countPrimes({ below }, { progress }) {
  let count = 0;
  for (let number = 2; number < below; number += 1) {
    if (isPrime(number)) count += 1;
    if (number % 10_000 === 0) progress(number, { total: below });
  }
  progress(below, { total: below });
  return count;
}

function isPrime(number) {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) return false;
  return true;
}
