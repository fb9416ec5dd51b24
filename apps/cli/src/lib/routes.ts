import { type Application, buildApplication, buildCommand, buildRouteMap, numberParser } from '@stricli/core';
import { cacheRoutes } from './cache-routes.ts';
import {
  budgetFlags,
  cacheFrom,
  cacheTo,
  config,
  directory,
  flag,
  json,
  out,
  profile,
  text,
} from './command-parameters.ts';
import type { BuildFlags } from './commands/build.ts';
import type { DoctorFlags } from './commands/doctor.ts';
import type { InitFlags } from './commands/init.ts';
import type { CliContext } from './context.ts';
import { dockerfileRoutes } from './dockerfile-routes.ts';
import { explain } from './explain-route.ts';
import { imageRoutes } from './image-routes.ts';
import { metrics } from './metrics-route.ts';
import { parserText } from './parser-text.ts';
import { dev, start } from './serve-routes.ts';
import { update } from './update-route.ts';

const noCache = {
  kind: 'boolean',
  brief: 'Neither read nor write the build cache',
  default: false,
  withNegated: false,
} as const;
const build = buildCommand<BuildFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/build.ts')).build,
  docs: {
    brief: 'Build the server and its container image',
    fullDescription:
      'Builds dist/server (start it with: node dist/server/main.js) and dist/image (an OCI layout) from the tools, connectors, resources and prompts in a directory. Prints the image digest on stdout.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      profile,
      out,
      noCache,
      cacheFrom,
      cacheTo,
      builder: {
        kind: 'parsed',
        parse: text,
        brief: 'Who makes the image: daemonless (default), docker, buildx or buildx:NAME',
        placeholder: 'builder',
        optional: true,
      },
      base: {
        kind: 'parsed',
        parse: text,
        brief: 'Base image: "host" or a reference',
        placeholder: 'reference',
        optional: true,
      },
      tar: {
        kind: 'parsed',
        parse: text,
        brief: 'Also write the image as one tar file',
        placeholder: 'file',
        optional: true,
      },
      push: { kind: 'parsed', parse: text, brief: 'Also push the image', placeholder: 'reference', optional: true },
      sign: flag('Sign what is pushed, by the key in COSIGN_PRIVATE_KEY'),
      load: {
        kind: 'parsed',
        parse: text,
        brief: 'Also load the image into Docker under this name',
        placeholder: 'name',
        optional: true,
      },
      platform: {
        kind: 'parsed',
        parse: text,
        brief: 'Platforms of the image, such as linux/amd64,linux/arm64',
        placeholder: 'list',
        optional: true,
      },
      image: { kind: 'boolean', brief: 'Make the image', default: true },
      sbom: { kind: 'boolean', brief: 'Say what is in the image: CycloneDX', optional: true },
      provenance: { kind: 'boolean', brief: 'Say how the image was built: SLSA provenance', optional: true },
      typecheck: { kind: 'boolean', brief: 'Check the types, default as the profile says', optional: true },
      pull: { kind: 'boolean', brief: 'Look the base image up again, and lock it', default: false, withNegated: false },
      insecure: { kind: 'boolean', brief: 'Reach registries over plain HTTP', default: false, withNegated: false },
      concurrency: {
        kind: 'parsed',
        parse: numberParser,
        brief: 'Steps at once, default the number of cores',
        optional: true,
      },
      ...budgetFlags,
      printConfig: { kind: 'boolean', brief: 'Print what would be used and stop', default: false, withNegated: false },
    },
    aliases: { o: 'out', p: 'profile' },
  },
});

const init = buildCommand<InitFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/init.ts')).init,
  docs: { brief: 'Start a new project from a template' },
  parameters: {
    positional: directory,
    flags: {
      json,
      template: {
        kind: 'parsed',
        parse: text,
        brief: 'basic, sql or http; default basic',
        placeholder: 'name',
        optional: true,
      },
      name: { kind: 'parsed', parse: text, brief: 'Name of the server, default the directory name', optional: true },
    },
    aliases: { t: 'template' },
  },
});

const doctor = buildCommand<DoctorFlags, [], CliContext>({
  loader: async () => (await import('./commands/doctor.ts')).doctor,
  docs: { brief: 'Check what this machine has and lacks' },
  parameters: { flags: { json } },
});

export interface ApplicationOptions {
  /** What is wrong with the command line, in one sentence: people read it on stderr, programs in the envelope. */
  readonly onComplaint: (text: string) => void;
}

/** Every command, its flags and its lazily loaded body. */
export function application(version: string, { onComplaint }: ApplicationOptions): Application<CliContext> {
  return buildApplication(
    buildRouteMap({
      routes: {
        init,
        build,
        start,
        dev,
        explain,
        metrics,
        cache: cacheRoutes,
        dockerfile: dockerfileRoutes,
        image: imageRoutes,
        update,
        doctor,
      },
      docs: {
        brief: 'Turns a directory of tools into an MCP server and a container image',
        fullDescription:
          'Turns a directory of tools into an MCP server and a container image.\n\nExit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 the environment lacks something, 4 a budget is passed, 5 the API breaks its callers, 130 interrupted.\nmcpgen sends no telemetry: nothing leaves this machine but what you ask it to pull or push.',
      },
    }),
    {
      name: 'mcpgen',
      localization: { text: parserText(onComplaint) },
      versionInfo: { currentVersion: version },
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      documentation: { caseStyle: 'convert-camel-to-kebab', useAliasInUsageLine: false, onlyRequiredInUsageLine: true },
    },
  );
}
