import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { drawMandelbrot } from '../lib/mandelbrot.ts';
import { encodePng } from '../lib/png.ts';

export default defineTool({
  title: 'Draw the Mandelbrot set',
  description: 'Draws a square part of the Mandelbrot set as a picture.',
  input: z.object({
    real: z.number().min(-2).max(2).default(-0.75),
    imaginary: z.number().min(-2).max(2).default(0),
    span: z.number().positive().max(4).default(2.5),
    size: z.int().min(16).max(1024).default(256).describe('Pixels on each side'),
    iterations: z.int().min(10).max(5000).default(200),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run: 'worker',
  handler: ({ real, imaginary, span, size, iterations }) => {
    const pixels = drawMandelbrot({ centre: [real, imaginary], span, size, iterations });
    const data = Buffer.from(encodePng(pixels, size)).toString('base64');
    return { content: [{ type: 'image', data, mimeType: 'image/png' }] };
  },
});
