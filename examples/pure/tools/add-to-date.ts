import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { addMonths, calendarDay, formatDay, weekdayOf } from '../lib/calendar-day.ts';

export default defineTool({
  title: 'Add to a date',
  description: 'Adds years, months, weeks and days to a date, or takes them away where they are negative.',
  input: z.object({
    date: calendarDay,
    years: z.int().default(0),
    months: z.int().default(0),
    weeks: z.int().default(0),
    days: z.int().default(0),
  }),
  output: z.object({ date: z.iso.date(), weekday: z.string() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ date, years, months, weeks, days }) => {
    const day = addMonths(date, years * 12 + months) + weeks * 7 + days;
    return { date: formatDay(day), weekday: weekdayOf(day) };
  },
});
