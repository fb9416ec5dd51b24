/** The Mandelbrot set around a centre: one byte a pixel, 0 inside, brighter the longer a point took to escape. */
export function drawMandelbrot(options: {
  readonly centre: readonly [real: number, imaginary: number];
  /** Width of the picture in the plane. */
  readonly span: number;
  /** Width and height of the picture in pixels. */
  readonly size: number;
  readonly iterations: number;
}): Uint8Array {
  const { centre, span, size, iterations } = options;
  const pixels = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const real = centre[0] + ((column + 0.5) / size - 0.5) * span;
      const imaginary = centre[1] + (0.5 - (row + 0.5) / size) * span;
      const steps = stepsToEscape(real, imaginary, iterations);
      pixels[row * size + column] = steps === iterations ? 0 : 55 + Math.floor((200 * steps) / iterations);
    }
  }
  return pixels;
}

function stepsToEscape(real: number, imaginary: number, limit: number): number {
  let x = 0;
  let y = 0;
  for (let step = 0; step < limit; step++) {
    if (x * x + y * y > 4) return step;
    [x, y] = [x * x - y * y + real, 2 * x * y + imaginary];
  }
  return limit;
}
