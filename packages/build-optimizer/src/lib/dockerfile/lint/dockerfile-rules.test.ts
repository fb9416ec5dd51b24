import { describe, expect, it } from 'vitest';
import type { DockerfileFacts } from './dockerfile-facts.ts';
import { dockerfileRules } from './dockerfile-rules.ts';
import { lintDockerfile } from './lint-dockerfile.ts';

interface RuleCase {
  /** Each breaks the rule, in the line that is named; `0` for a text where the whole file does. */
  readonly bad: readonly (readonly [line: number, text: string])[];
  readonly good: readonly string[];
  readonly facts?: DockerfileFacts;
}

const NODE = 'FROM node:24-slim\nWORKDIR /app\n';
const DIGEST = `FROM node:24-slim@sha256:${'a'.repeat(64)}\n`;
const context = (...paths: readonly string[]): DockerfileFacts => ({
  known: true,
  entries: paths.map((path) => ({ path, bytes: 5_000_000, more: false })),
});

const cases: Readonly<Record<string, RuleCase>> = {
  'copy-before-install': {
    bad: [
      [3, `${NODE}COPY . .\nRUN npm ci`],
      [3, `${NODE}ADD ./ /app/\nRUN apt-get update && \\\n  yarn install`],
      [2, 'FROM python:3.13-slim\nCOPY . /app\nRUN pip install -r requirements.txt'],
      [4, '# escape=`\nFROM node:24\nWORKDIR C:\\app\nCOPY . .\nRUN echo hi `\n  && npm ci'],
      [3, `${NODE}COPY ["." , "./"]\nRUN <<EOF\nset -e\nnpm ci\nEOF`],
    ],
    good: [
      `${NODE}COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .`,
      `${NODE}COPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev`,
      `${NODE}COPY . .\nRUN npm install -g serve`,
      `${NODE}COPY --from=x . .\nRUN npm ci`,
      'FROM node:24-slim\nONBUILD COPY . .\nONBUILD RUN npm install',
    ],
  },
  'missing-cache-mount': {
    bad: [
      [3, `${NODE}RUN npm ci\nFROM node:24-slim\nCOPY --from=0 /x /x`],
      [3, `${NODE}RUN pnpm install --frozen-lockfile`],
    ],
    good: [
      `${NODE}RUN --mount=type=cache,target=/root/.npm npm ci\nFROM node:24-slim`,
      `${NODE}RUN npm ci && npm cache clean --force\nFROM node:24-slim`,
    ],
  },
  'apt-update-alone': {
    bad: [[2, 'FROM debian:12\nRUN apt-get update\nRUN apt-get install -y git']],
    good: [
      'FROM debian:12\nRUN apt-get update && apt-get install -y git',
      'FROM debian:12\nRUN apt-get update\nRUN apt-get update && apt-get install -y git',
    ],
  },
  'volatile-before-install': {
    bad: [
      [3, `${NODE}ARG GIT_COMMIT\nCOPY package.json .\nRUN npm ci`],
      [3, `${NODE}ENV BUILD_DATE=today\nRUN apt-get install -y git`],
      [4, `${NODE}ARG X\nLABEL revision=$GIT_SHA\nRUN npm ci`],
    ],
    good: [
      `${NODE}ARG NODE_VERSION=24\nRUN npm ci`,
      `${NODE}RUN npm ci\nARG GIT_COMMIT\nLABEL revision=$GIT_COMMIT`,
      `ARG GIT_COMMIT\n${NODE}RUN npm ci`,
    ],
  },
  'missing-link': {
    bad: [[5, `${NODE}RUN x\n${DIGEST}COPY --from=0 /a /a\nCOPY --from=0 /b /b`]],
    good: [`${NODE}RUN x\n${DIGEST}COPY --link --from=0 /a /a`, `${NODE}COPY . .\nRUN npm run build`],
  },
  'package-lists-left': {
    bad: [
      [2, 'FROM debian:12\nRUN apt-get update && apt-get install -y git'],
      [2, 'FROM fedora:43\nRUN dnf install -y git'],
      [2, 'FROM debian:12\nRUN ["apt-get", "update"]'],
      [2, 'FROM debian:12\nRUN bash -c "apt-get update && apt-get install -y git"'],
    ],
    good: [
      'FROM debian:12\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*',
      'FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y git',
      'FROM debian:12 AS build\nRUN apt-get update && apt-get install -y git\nFROM debian:12',
      'FROM fedora:43\nRUN dnf install -y git && dnf clean all',
    ],
  },
  'apk-cache-left': {
    bad: [[2, 'FROM alpine:3.22\nRUN apk add git']],
    good: [
      'FROM alpine:3.22\nRUN apk add --no-cache git',
      'FROM alpine:3.22\nRUN apk add git && rm -rf /var/cache/apk/*',
    ],
  },
  'download-cache-left': {
    bad: [
      [3, `${NODE}RUN npm ci`],
      [2, 'FROM python:3\nRUN pip install -r requirements.txt'],
    ],
    good: [
      `${NODE}RUN --mount=type=cache,target=/root/.npm npm ci`,
      `${NODE}RUN npm ci && npm cache clean --force`,
      'FROM python:3\nRUN pip install --no-cache-dir -r requirements.txt',
    ],
  },
  'removed-in-later-layer': {
    bad: [
      [3, 'FROM debian:12\nCOPY big.tar /tmp/\nRUN tar xf /tmp/big.tar && rm /tmp/big.tar'],
      [3, 'FROM debian:12\nRUN apt-get update && apt-get install -y gcc\nRUN apt-get purge -y gcc'],
      [3, 'FROM debian:12\nRUN apt-get update && apt-get install -y git\nRUN rm -rf /var/lib/apt/lists/*'],
      [4, `${NODE}COPY .npmrc ./\nRUN rm -f .npmrc`],
    ],
    good: [
      'FROM debian:12\nRUN curl -o /tmp/a.tar x && rm /tmp/a.tar',
      'FROM alpine:3\nRUN apk add --no-cache --virtual .b gcc && make && apk del .b',
    ],
  },
  'chown-duplicates': {
    bad: [
      [4, `${NODE}COPY . .\nRUN chown -R node:node /app`],
      [4, `${NODE}COPY a /app/a\nRUN chmod --recursive 755 .`],
    ],
    good: [
      `${NODE}COPY --chown=node . .`,
      `${NODE}RUN mkdir /data && chown -R node /data`,
      `${NODE}COPY . .\nRUN chown node .`,
    ],
  },
  'apt-recommends': {
    bad: [[2, 'FROM debian:12\nRUN apt-get update && apt-get install -y git']],
    good: [
      'FROM debian:12\nRUN apt-get install -y --no-install-recommends git',
      'FROM debian:12\nRUN echo \'APT::Install-Recommends "0";\' > /etc/apt/apt.conf.d/x\nRUN apt-get install -y git',
      'FROM debian:12\nRUN apt-get -f install',
    ],
  },
  'built-in-final-stage': {
    bad: [
      [3, `${NODE}RUN npm run build`],
      [2, 'FROM debian:12\nRUN apt-get install -y build-essential'],
      [2, 'FROM debian:12 AS a\nRUN apt-get install -y gcc\nFROM a'],
    ],
    good: [
      `${NODE}RUN npm run build\nFROM node:24-slim\nCOPY --from=0 /app/dist /app`,
      'FROM alpine:3\nRUN apk add --no-cache --virtual .b gcc && make && apk del .b',
    ],
  },
  'dev-dependencies-shipped': {
    bad: [
      [3, `${NODE}RUN npm ci`],
      [5, `${NODE}RUN npm ci\nFROM node:24-slim\nCOPY --from=0 /app/node_modules ./node_modules`],
      [4, `${NODE}ARG NODE_ENV\nRUN npm ci`],
    ],
    good: [
      `${NODE}RUN npm ci --omit=dev`,
      `${NODE}RUN npm ci --omit dev`,
      `${NODE}RUN npm ci && npm prune --production`,
      `${NODE}ENV NODE_ENV=production\nRUN npm ci`,
      `${NODE}ARG NODE_ENV=production\nENV NODE_ENV $NODE_ENV\nRUN npm ci`,
      `${NODE}RUN npm ci\nFROM node:24-slim\nCOPY --from=0 /app/dist ./dist`,
    ],
  },
  'unused-stage': {
    bad: [[1, 'FROM a:1 AS test\nFROM b:1\nRUN x']],
    good: [
      'FROM a:1 AS one\nFROM b:1 AS two\nCOPY --from=one /x /x\nFROM two',
      'FROM a:1 AS one\nFROM b:1\nRUN --mount=type=bind,from=one,target=/x cp /x/y /y',
      'FROM a:1\nFROM b:1\nCOPY --from=0 /x /x',
      'FROM a:1 AS Base\nFROM base',
      'ARG KIND=one\nFROM a:1 AS one\nFROM ${KIND}',
    ],
  },
  'context-not-ignored': {
    bad: [[3, `${NODE}COPY . .`]],
    good: [`${NODE}COPY package.json .`],
    facts: context('node_modules', 'src'),
  },
  'base-latest': {
    bad: [
      [1, 'FROM node'],
      [1, 'FROM node:latest AS x'],
      [1, 'FROM --platform=linux/amd64 registry.example.com:5000/node'],
      [2, 'ARG TAG=latest\nFROM node:$TAG'],
    ],
    good: [
      'FROM node:24',
      'FROM scratch',
      DIGEST,
      'FROM node:24 AS a\nFROM a',
      'ARG BASE\nFROM $BASE',
      'ARG TAG=24\nFROM node:${TAG}',
      'FROM node:${TAG:-24}',
    ],
  },
  'base-not-pinned': { bad: [[1, 'FROM node:24']], good: [DIGEST, 'FROM scratch'] },
  'runs-as-root': {
    bad: [
      [3, `${NODE}CMD ["node", "x.js"]`],
      [4, `${NODE}USER node\nUSER root\nCMD ["x"]`],
      [3, `${NODE}USER 0:0\nCMD ["x"]`],
    ],
    good: [
      `${NODE}USER node\nCMD ["x"]`,
      'FROM a:1 AS a\nUSER 1000\nFROM a\nCMD ["x"]',
      `${NODE}COPY . .`,
      'FROM cgr.dev/chainguard/node:1\nCMD ["x"]',
      `${NODE}RUN apt-get install gosu\nCMD ["x"]`,
    ],
  },
  'secret-in-env': {
    bad: [
      [3, `${NODE}ARG NPM_TOKEN`],
      [3, `${NODE}ENV DB_PASSWORD=x`],
      [3, `${NODE}ENV AWS_SECRET_ACCESS_KEY abc`],
      [3, `${NODE}ENV A=1 \\\n  # why\n  API_KEY=x`],
      [3, `${NODE}ENV X=ghp_${'a'.repeat(36)}`],
      [1, 'ARG GITHUB_TOKEN\nFROM a:1'],
    ],
    good: [
      `${NODE}ENV PASSWORD_FILE=/run/secrets/x`,
      `${NODE}ENV GPG_KEY=ABCDEF`,
      `${NODE}ENV DB_PASSWORD=""`,
      `${NODE}ENV PUBLIC_KEY=x`,
      `${NODE}ENV TOKEN_TTL=5 KEYBOARD=de`,
      `${NODE}ENV AUTH_METHOD=basic ENABLE_AUTH=true`,
      `${NODE}RUN --mount=type=secret,id=NPM_TOKEN npm ci`,
    ],
  },
  'secret-in-command': {
    bad: [
      [3, `${NODE}RUN echo "//npm.example.com/:_authToken=\${NPM_TOKEN}" > .npmrc`],
      [3, `${NODE}RUN git clone https://me:hunter22@example.com/x.git`],
      [3, `${NODE}RUN curl -H "x" ghp_${'a'.repeat(36)}`],
    ],
    good: [`${NODE}RUN git clone https://example.com/x.git`, `${NODE}RUN curl http://localhost:3000/@x`],
  },
  'secret-copied': {
    bad: [
      [3, `${NODE}COPY .env ./`],
      [3, `${NODE}COPY package.json .npmrc ./`],
      [3, `${NODE}ADD ["keys/id_rsa", "/root/.ssh/"]`],
      [3, `${NODE}COPY server.key /etc/`],
    ],
    good: [`${NODE}COPY .env.example ./.env`, `${NODE}COPY --from=x /a/.env /`, `${NODE}COPY ca.pem /etc/`],
  },
  'secret-not-ignored': { bad: [[3, `${NODE}COPY . .`]], good: [`${NODE}COPY src .`], facts: context('.env', 'src') },
  'curl-pipe-shell': {
    bad: [
      [2, 'FROM a:1\nRUN curl -fsSL https://example.com/x | bash'],
      [2, 'FROM a:1\nRUN wget -qO- https://example.com/x | sudo -E sh -s -- -y'],
      [2, 'FROM a:1\nRUN bash <(curl https://example.com)'],
      [2, 'FROM a:1\nRUN sh -c "$(curl -fsSL https://example.com)"'],
      [2, 'FROM a:1\nRUN <<EOF\ncurl https://example.com | sh\nEOF'],
    ],
    good: [
      'FROM a:1\nRUN curl https://example.com | tar xz',
      'FROM a:1\nRUN curl https://example.com | node -e "1"',
      'FROM a:1\nRUN curl -o x https://example.com && sh x',
    ],
  },
  sudo: { bad: [[2, 'FROM a:1\nRUN x && sudo apt-get update']], good: ['FROM a:1\nRUN apt-get install -y sudo'] },
  'add-url': {
    bad: [[2, 'FROM a:1\nADD https://example.com/x.tgz /x']],
    good: [
      'FROM a:1\nADD --checksum=sha256:ab https://example.com/x.tgz /x',
      'FROM a:1\nADD https://example.com/x.git#0123abc /x',
      'FROM a:1\nADD x.tgz /',
    ],
  },
  'user-by-name': { bad: [[2, 'FROM a:1\nUSER node']], good: ['FROM a:1\nUSER 1000:1000', 'FROM a:1\nUSER $UID'] },
  'maintainer-deprecated': { bad: [[2, 'FROM a:1\nMAINTAINER me']], good: ['FROM a:1\nLABEL maintainer=me'] },
  'legacy-env': {
    bad: [
      [2, 'FROM a:1\nENV A b'],
      [2, 'FROM a:1\nLABEL a b'],
    ],
    good: ['FROM a:1\nENV A=b C=d', 'FROM a:1\nARG A'],
  },
  'from-as-casing': { bad: [[1, 'FROM a:1 as b']], good: ['FROM a:1 AS b', 'from a:1 as b'] },
  'install-not-locked': {
    bad: [
      [3, `${NODE}RUN npm install`],
      [3, `${NODE}RUN cd x && npm i --silent`],
      [3, `${NODE}RUN yarn`],
    ],
    good: [
      `${NODE}RUN npm ci`,
      `${NODE}RUN npm install express`,
      `${NODE}RUN npm i -g x`,
      `${NODE}RUN yarn --immutable`,
    ],
  },
  'apt-without-yes': {
    bad: [[2, 'FROM a:1\nRUN apt-get install git']],
    good: [
      'FROM a:1\nRUN apt-get install -qqy git',
      'FROM a:1\nRUN apt-get -y install git',
      'FROM a:1\nRUN yes | apt-get install x',
    ],
  },
  'pipe-hides-failure': {
    bad: [[2, 'FROM a:1\nRUN curl https://example.com | tar xz']],
    good: [
      'FROM a:1\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl x | tar xz',
      'FROM a:1\nRUN set -o pipefail && curl x | tar xz',
      'FROM a:1\nRUN cat x | grep y',
    ],
  },
  'shell-form-command': {
    bad: [
      [2, 'FROM a:1\nCMD node x.js'],
      [2, 'FROM a:1\nENTRYPOINT ["a", ]'],
    ],
    good: ['FROM a:1\nCMD ["node"]', 'FROM a:1\nSHELL ["x"]\nCMD a', 'FROM a:1\nCMD exec node x.js'],
  },
  'package-manager-starts': {
    bad: [
      [2, 'FROM a:1\nCMD ["npm", "start"]'],
      [2, 'FROM a:1\nCMD yarn start'],
    ],
    good: ['FROM a:1\nCMD ["node"]', 'FROM a:1 AS b\nCMD ["npm", "test"]\nFROM c:1\nCMD ["x"]'],
  },
  'multiple-commands': {
    bad: [[2, 'FROM a:1\nCMD ["a"]\nCMD ["b"]']],
    good: ['FROM a:1\nCMD ["a"]\nFROM b:1\nCMD ["b"]', 'FROM a:1\nONBUILD CMD ["a"]\nCMD ["b"]'],
  },
  'healthcheck-missing': {
    bad: [[2, 'FROM a:1\nEXPOSE 1']],
    good: ['FROM a:1\nEXPOSE 1\nHEALTHCHECK NONE', 'FROM a:1'],
  },
  'expose-missing': { bad: [[2, 'FROM a:1\nENV PORT=1']], good: ['FROM a:1\nENV PORT=1\nEXPOSE 1'] },
  'expose-invalid': {
    bad: [
      [2, 'FROM a:1\nEXPOSE 70000'],
      [2, 'FROM a:1\nEXPOSE 80:80'],
    ],
    good: ['FROM a:1\nEXPOSE 80 53/udp 8000-8010/tcp $PORT'],
  },
  'node-env-missing': {
    bad: [[2, 'FROM a:1\nCMD ["node", "x.js"]']],
    good: ['FROM a:1\nENV NODE_ENV=production\nCMD ["node", "x.js"]'],
  },
  'unknown-instruction': {
    bad: [
      [2, 'FROM a:1\nRUNN x'],
      [2, 'FROM a:1\n<html>'],
    ],
    good: ['FROM a:1\nrun x'],
  },
  'from-missing': {
    bad: [
      [1, 'RUN x\nFROM a:1'],
      [1, ''],
      [1, 'ARG A'],
    ],
    good: ['ARG A=1\nFROM a:1'],
  },
  'duplicate-stage': { bad: [[2, 'FROM a:1 AS x\nFROM b:1 AS X']], good: ['FROM a:1 AS x\nFROM b:1 AS y'] },
  'stage-missing': {
    bad: [
      [2, 'FROM a:1\nCOPY --from=0 /x /x'],
      [2, 'FROM a:1 AS b\nCOPY --from=b /x /x'],
      [2, 'FROM a:1\nCOPY --from=7 /x /x'],
    ],
    good: ['FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x /x', 'FROM a:1\nCOPY --from=nginx:1 /x /x'],
  },
  'workdir-relative': {
    bad: [
      [2, 'FROM a:1\nWORKDIR app'],
      [3, 'FROM a:1\nWORKDIR /a\nWORKDIR b'],
    ],
    good: ['FROM a:1\nWORKDIR /a', 'FROM a:1\nWORKDIR $HOME', 'FROM a:1\nWORKDIR C:\\\\a'],
  },
  'workdir-missing': {
    bad: [[2, 'FROM a:1\nCOPY x ./']],
    good: [`${NODE}COPY x ./`, 'FROM a:1\nCOPY x /x', 'FROM a:1 AS b\nWORKDIR /a\nFROM b\nCOPY x .'],
  },
  'add-local': {
    bad: [[2, 'FROM a:1\nADD x.js /']],
    good: ['FROM a:1\nADD x.tar.gz /', 'FROM a:1\nADD https://example.com/x /'],
  },
  'copy-ignored': {
    bad: [[3, `${NODE}COPY dist ./`]],
    good: [`${NODE}COPY src ./`, `${NODE}COPY --from=x dist ./`, `${NODE}COPY . .`],
    facts: { known: true, ignoreFile: 'dist\n', entries: [] },
  },
};

describe('dockerfileRules', () => {
  it('are each shown by a case that breaks them and one that does not', () => {
    expect(Object.keys(cases).sort()).toEqual(dockerfileRules.map(({ id }) => id).sort());
  });

  const bad = Object.entries(cases).flatMap(([id, { bad, facts }]) =>
    bad.map(([line, text]) => ({ id, line, text, facts })),
  );
  it.each(bad)('$id finds $text', ({ id, line, text, facts }) => {
    const found = lintDockerfile(text, facts === undefined ? {} : { facts }).filter(({ rule }) => rule === id);
    expect(found.map((finding) => finding.line)).toEqual([line]);
  });

  const good = Object.entries(cases).flatMap(([id, { good, facts }]) => good.map((text) => ({ id, text, facts })));
  it.each(good)('$id lets pass $text', ({ id, text, facts }) => {
    const found = lintDockerfile(text, facts === undefined ? {} : { facts });
    expect(found.filter(({ rule }) => rule === id)).toEqual([]);
  });

  it('have no two of one name, and say what they mean', () => {
    expect(new Set(dockerfileRules.map(({ id }) => id)).size).toBe(dockerfileRules.length);
    for (const { id, title, reason, fix } of dockerfileRules) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).not.toMatch(/\.$/);
      expect([reason, fix].filter((text) => !text.endsWith('.'))).toEqual([]);
    }
  });

  it('never show a secret', () => {
    const text = `${NODE}ENV DB_PASSWORD=hunter22\nRUN git clone https://me:hunter22@example.com/x.git\nRUN echo _authToken=hunter22`;
    expect(JSON.stringify(lintDockerfile(text))).not.toContain('hunter22');
    expect(lintDockerfile(text).filter(({ rule }) => rule.startsWith('secret'))).toHaveLength(3);
  });
});
