import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DockerEngine } from '@mcpgen/docker';
import type { CliContext } from './context.ts';

/** Where Docker's own command keeps contexts and what `docker login` was told. */
export function dockerConfigDirectory({ environment }: Pick<CliContext, 'environment'>): string {
  return environment.DOCKER_CONFIG ?? join(homedir(), '.docker');
}

/** The daemon that Docker's own command would use. What talks to it is loaded here. */
export async function connectToDocker({ environment }: Pick<CliContext, 'environment'>): Promise<DockerEngine> {
  const { connectDocker, readDockerOptions } = await import('@mcpgen/docker');
  return connectDocker(readDockerOptions({ environment, configDirectory: dockerConfigDirectory({ environment }) }));
}
