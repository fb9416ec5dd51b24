import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { calendarDay, weekdayOf } from '../lib/calendar-day.ts';

export default defineTool({
  title: 'Days between dates',
  description: 'Counts the days, and the working days from Monday to Friday, from one date until before another.',
  input: z
    .object({ from: calendarDay, until: calendarDay })
    .refine(({ from, until }) => until >= from, { message: 'until lies before from', path: ['until'] }),
  output: z.object({ days: z.int(), workingDays: z.int() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ from, until }) => ({ days: until - from, workingDays: workingDaysBetween(from, until) }),
});

function workingDaysBetween(from: number, until: number): number {
  const weeks = Math.floor((until - from) / 7);
  const rest = Array.from({ length: until - from - weeks * 7 }, (_, index) => weekdayOf(from + index));
  return weeks * 5 + rest.filter((weekday) => !weekday.startsWith('S')).length;
}
