import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'tsup';
import { packageConfig } from '../../tsup.config.ts';

const charts = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));

/** What the page is made of lies beside the code, the chart library with it: a page is written without any other package. */
export default defineConfig(
  packageConfig({
    onSuccess: async () => {
      mkdirSync('dist/page-assets', { recursive: true });
      for (const name of ['page.css', 'page.js'])
        copyFileSync(join('src/lib/page', name), join('dist/page-assets', name));
      for (const name of ['uPlot.iife.min.js', 'uPlot.min.css'])
        copyFileSync(join(charts, 'dist', name), join('dist/page-assets', name));
    },
  }),
);
