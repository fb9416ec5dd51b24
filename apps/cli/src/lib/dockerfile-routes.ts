import { buildCommand, buildRouteMap } from '@stricli/core';
import { config, directory, flag, json, word } from './command-parameters.ts';
import type { DockerfilePrintFlags } from './commands/dockerfile-print.ts';
import type { CliContext } from './context.ts';

const print = buildCommand<DockerfilePrintFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/dockerfile-print.ts')).dockerfilePrint,
  docs: {
    brief: 'Print a Dockerfile for the project, or write it',
    fullDescription:
      'Prints a Dockerfile that builds the server inside, ordered from what changes least to what changes most. Projects of Node that are not of mcpgen get one too.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      variant: {
        kind: 'enum',
        values: ['slim', 'alpine', 'distroless'],
        brief: 'System that the image is made of, default slim',
        optional: true,
      },
      base: word('Base of the image that runs, default as the variant says', 'reference'),
      buildBase: word('Base of the stages that build: it needs a shell and npm', 'reference'),
      packages: word('Packages of the system in the image that runs', 'list'),
      buildPackages: word('Packages of the system in the stages that build', 'list'),
      prebuilt: flag('Take dist/server as mcpgen build wrote it'),
      ignoreFile: flag('Print the .dockerignore instead'),
      write: flag('Write Dockerfile and .dockerignore into the project'),
    },
  },
});

/** The commands below `mcpgen dockerfile`. */
export const dockerfileRoutes = buildRouteMap({
  routes: { print },
  defaultCommand: 'print',
  docs: {
    brief: 'Print a Dockerfile for the project, or write it',
    fullDescription:
      'mcpgen dockerfile [directory] prints a Dockerfile for the project: its flags are those of mcpgen dockerfile print.',
  },
});
