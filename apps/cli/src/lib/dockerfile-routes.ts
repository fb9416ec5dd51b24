import { buildCommand, buildRouteMap } from '@stricli/core';
import { config, directory, flag, json, text, word } from './command-parameters.ts';
import type { DockerfileLintFlags } from './commands/dockerfile-lint.ts';
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

const lint = buildCommand<DockerfileLintFlags, [file?: string], CliContext>({
  loader: async () => (await import('./commands/dockerfile-lint.ts')).dockerfileLint,
  docs: {
    brief: 'Say what in a Dockerfile costs time, space or safety',
    fullDescription:
      'Reads any Dockerfile, with what lies around it, and says what breaks caching, bloats the image or is unsafe, with the fix. Exit code 1 where something is at least as grave as --fail-on.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'File, or its directory; default Dockerfile', placeholder: 'file', parse: text, optional: true },
      ],
    },
    flags: {
      json,
      fix: flag('Write the fixes that change nothing but the fault'),
      format: {
        kind: 'enum',
        values: ['text', 'sarif', 'github'],
        brief: 'What is printed: for people, SARIF, or annotations of GitHub Actions; default text',
        optional: true,
      },
      failOn: {
        kind: 'enum',
        values: ['error', 'warning', 'info', 'never'],
        brief: 'From which severity on it fails, default warning',
        optional: true,
      },
      context: word('Directory that the build gets, default that of the file', 'directory'),
      ignore: word('Rules to pass over', 'list'),
    },
  },
});

/** The commands below `mcpgen dockerfile`. */
export const dockerfileRoutes = buildRouteMap({
  routes: { print, lint },
  defaultCommand: 'print',
  docs: {
    brief: 'Print a Dockerfile for the project, or check one',
    fullDescription:
      'mcpgen dockerfile [directory] prints a Dockerfile for the project: its flags are those of mcpgen dockerfile print.',
  },
});
