#!/usr/bin/env node
import { processContext } from './lib/process-context.ts';
import { runCli } from './lib/run-cli.ts';

const { context, close } = processContext(process);
process.exitCode = await runCli(process.argv.slice(2), context);
close();
