/** Finds what a Dockerfile has wrong, and mends what can be mended safely. */
import assert from 'node:assert/strict';
import { fixDockerfile, lintDockerfile } from '@mcpgen/build-optimizer/dockerfile';

const text = `FROM node:24-slim
WORKDIR /app
COPY . .
# Everything, also for development
RUN npm ci
CMD node server.js
`;

const findings = lintDockerfile(text);
for (const { line, severity, rule, message, fix } of findings)
  console.log(`${line} ${severity} ${rule}: ${message}. ${fix}`);
assert.ok(findings.some(({ rule, line }) => rule === 'copy-before-install' && line === 3));

const mended = fixDockerfile(text);
assert.equal(mended.text, text.replace('CMD node server.js', 'CMD ["node", "server.js"]'));
assert.deepEqual(fixDockerfile(mended.text).fixed, []);
console.log(`\n${mended.text}`);
