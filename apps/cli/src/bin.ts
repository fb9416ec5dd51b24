#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before anything is imported: from the second run on, code is neither parsed nor stripped of its types again.
enableCompileCache();
const [{ processContext }, { runCli }] = await Promise.all([
  import('./lib/process-context.ts'),
  import('./lib/run-cli.ts'),
]);
const { context, close } = processContext(process);
process.exitCode = await runCli(process.argv.slice(2), context);
close();
