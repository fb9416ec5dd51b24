import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { checkBundler } from '@mcpgen/build-optimizer/bundle';
import { connectToDocker, dockerConfigDirectory } from '../connect-to-docker.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { Done } from '../report/envelope.ts';
import { formatBytes } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { paint } from '../report/style.ts';
import { version } from '../version.ts';

export interface DoctorFlags {
  readonly json: boolean;
}

/** One thing about this machine. `missing` is needed, `absent` is only needed for what the fix names. */
interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'absent' | 'missing';
  readonly detail: string;
  readonly fix?: string;
}

/** `mcpgen doctor`: what this machine has and lacks, each with what to do about it. */
export async function doctor(this: CliContext, flags: DoctorFlags): Promise<void> {
  await settle(this, flags.json, async () => {
    const findings = [
      nodeFinding(),
      await bundlerFinding(),
      diskFinding(this.directory),
      await portFinding(this),
      await dockerFinding(this),
      credentialsFinding(this),
    ];
    return report(this, findings);
  });
}

function report(context: CliContext, findings: readonly Finding[]): Done {
  const missing = findings.filter((finding) => finding.state === 'missing');
  const { stdout } = context.process;
  const mark = {
    ok: paint(stdout, 'green', 'ok     '),
    absent: paint(stdout, 'yellow', 'absent '),
    missing: paint(stdout, 'red', 'missing'),
  };
  const lines = findings.flatMap(({ name, state, detail, fix }) => [
    `${mark[state]} ${name}: ${detail}`,
    ...(fix === undefined ? [] : [`        try ${fix}`]),
  ]);
  const message =
    missing.length === 0
      ? 'This machine has what mcpgen needs'
      : `This machine lacks ${missing.map((finding) => finding.name).join(', ')}`;
  return {
    code: missing.length === 0 ? 'HEALTHY' : 'DOCTOR_FAILED',
    message,
    data: { version, findings },
    output: [...lines, '', message].join('\n'),
    exitCode: missing.length === 0 ? exitCodes.done : exitCodes.environment,
  };
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const detail = `${process.versions.node} on ${process.platform}-${process.arch}`;
  if (major > 22 || (major === 22 && minor >= 18)) return { name: 'Node', state: 'ok', detail };
  return { name: 'Node', state: 'missing', detail, fix: 'Node 22.18 or later; 24 is recommended' };
}

async function bundlerFinding(): Promise<Finding> {
  try {
    const bundler = await checkBundler();
    return { name: 'Bundler', state: 'ok', detail: bundler };
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      name: 'Bundler',
      state: 'missing',
      detail,
      fix: 'Install again without --no-optional and without --omit=optional',
    };
  }
}

function diskFinding(directory: string): Finding {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const detail = `${formatBytes(free)} free`;
  if (free > 500_000_000) return { name: 'Disk', state: 'ok', detail };
  return { name: 'Disk', state: 'missing', detail, fix: 'Free at least 500 MB, or remove .cache/mcpgen' };
}

function portFinding({ environment }: CliContext): Promise<Finding> {
  const text = environment.PORT ?? '3000';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    const fix = 'Set PORT to a number up to 65535';
    return Promise.resolve({ name: 'Port', state: 'absent', detail: `PORT is "${text}"`, fix });
  }
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () =>
      resolve({
        name: 'Port',
        state: 'absent',
        detail: `${port} is taken`,
        fix: 'Start the server with another one: PORT=3001',
      }),
    );
    server.listen(port, '127.0.0.1', () =>
      server.close(() => resolve({ name: 'Port', state: 'ok', detail: `${port} is free` })),
    );
  });
}

async function dockerFinding({ environment }: CliContext): Promise<Finding> {
  try {
    const docker = await connectToDocker({ environment });
    const { version: engine } = await docker.ping();
    return { name: 'Docker', state: 'ok', detail: `engine ${engine}` };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      name: 'Docker',
      state: 'absent',
      detail,
      fix: 'Only needed for --load and --builder docker: start Docker, or set DOCKER_HOST',
    };
  }
}

function credentialsFinding({ environment }: CliContext): Finding {
  const file = join(dockerConfigDirectory({ environment }), 'config.json');
  if (existsSync(file)) return { name: 'Registry credentials', state: 'ok', detail: file };
  return {
    name: 'Registry credentials',
    state: 'absent',
    detail: `no ${file}`,
    fix: 'Only needed for private registries: docker login',
  };
}
