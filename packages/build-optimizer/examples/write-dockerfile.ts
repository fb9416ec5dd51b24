/** Writes the Dockerfile and .dockerignore of a small project, and checks them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkDockerignore,
  generateDockerfile,
  generateDockerignore,
  readNodeProject,
} from '@mcpgen/build-optimizer/dockerfile';

const directory = mkdtempSync(join(tmpdir(), 'write-dockerfile-'));
try {
  writeFileSync(join(directory, 'package.json'), '{"name":"demo","version":"1.0.0","type":"module"}');
  writeFileSync(join(directory, 'package-lock.json'), '{}');

  const { install } = readNodeProject(directory);
  const source = {
    kind: 'application',
    install,
    buildScript: 'build',
    outputs: ['dist'],
    main: 'dist/index.js',
  } as const;
  const dockerfile = generateDockerfile({ source, variant: 'distroless' });
  const ignore = generateDockerignore({ needs: install.files });

  assert.match(dockerfile, /npm ci .*--omit=dev/);
  assert.match(dockerfile, /^USER 65532:65532$/m);
  assert.deepEqual(
    checkDockerignore(ignore, { needs: ['package.json'], unwanted: ['.env', 'node_modules/x/index.js'] }),
    [],
  );
  console.log(dockerfile);
} finally {
  rmSync(directory, { recursive: true });
}
