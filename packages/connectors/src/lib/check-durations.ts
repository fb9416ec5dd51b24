/** What a timer can count, 24 days; it takes anything above for 1. */
const longestTimer = 2 ** 31 - 1;

/** @throws {RangeError} for a duration, in milliseconds, that no timer can wait for. */
export function checkDurations(service: string, durations: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(durations)) {
    if (!(value > 0 && value <= longestTimer))
      throw new RangeError(`Cannot connect to ${service}: "${name}" is ${value}`);
  }
}
