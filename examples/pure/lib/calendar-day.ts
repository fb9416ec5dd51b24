import { z } from 'zod';

const millisecondsPerDay = 86_400_000;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A day of the calendar as text, given to handlers as days since 1970-01-01. */
export const calendarDay = z.iso
  .date()
  .transform((text) => Date.parse(text) / millisecondsPerDay)
  .describe('A day as 2026-11-22');

/** The same day some years and months later: the month's last day where it has no such day. */
export function addMonths(day: number, months: number): number {
  const date = new Date(day * millisecondsPerDay);
  const firstOfMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const lastOfMonth = new Date(firstOfMonth);
  lastOfMonth.setUTCMonth(lastOfMonth.getUTCMonth() + 1, 0);
  const dayOfMonth = Math.min(date.getUTCDate(), lastOfMonth.getUTCDate());
  return firstOfMonth / millisecondsPerDay + dayOfMonth - 1;
}

export function formatDay(day: number): string {
  return new Date(day * millisecondsPerDay).toISOString().slice(0, 10);
}

export function weekdayOf(day: number): string {
  return weekdays[new Date(day * millisecondsPerDay).getUTCDay()] ?? '';
}
