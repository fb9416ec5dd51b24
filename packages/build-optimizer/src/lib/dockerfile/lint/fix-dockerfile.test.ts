import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDockerfile } from '../../../../test/lint/any-dockerfile.ts';
import { fixDockerfile } from './fix-dockerfile.ts';
import { lintDockerfile } from './lint-dockerfile.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

const NODE = 'FROM node:24-slim\nWORKDIR /app\n';

describe('fixDockerfile', () => {
  it.each([
    ['CMD node server.js', 'CMD ["node", "server.js"]'],
    ['  CMD   node  server.js  # no comment', '  CMD   node  server.js  # no comment'],
    ['CMD node $FILE', 'CMD node $FILE'],
    ['CMD cd x', 'CMD cd x'],
    ['CMD a && b', 'CMD a && b'],
    ['ENTRYPOINT ["x"]\nCMD node server.js', 'ENTRYPOINT ["x"]\nCMD node server.js'],
    ['ADD src/ ./', 'COPY src/ ./'],
    ['ADD --chown=1 a.js b.json /x/', 'COPY --chown=1 a.js b.json /x/'],
    ['ADD archive /x', 'ADD archive /x'],
    ['ADD a.tar.gz /x', 'ADD a.tar.gz /x'],
    ['MAINTAINER Jane <j@x.org>', 'LABEL org.opencontainers.image.authors="Jane <j@x.org>"'],
    ['ENV A b c', 'ENV A="b c"'],
    ['ENV PATH /x:$PATH', 'ENV PATH=/x:$PATH'],
    ['ENV A "b" c', 'ENV A "b" c'],
    ['RUN apk add git', 'RUN apk add --no-cache git'],
    ['RUN set -e; \\\n  # why\n  apk  add \\\n    git', 'RUN set -e; \\\n  # why\n  apk  add --no-cache \\\n    git'],
    ['RUN apt-get install git=1 --no-install-recommends', 'RUN apt-get install --yes git=1 --no-install-recommends'],
    [
      'RUN apt-get update \\\n && apt-get install -y x',
      'RUN apt-get update \\\n && apt-get install -y x \\\n    && rm -rf /var/lib/apt/lists/*',
    ],
    [
      'RUN apt-get update && apt-get install -y x',
      'RUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*',
    ],
    ['RUN apt-get update && x || true', 'RUN apt-get update && x || true'],
    ['RUN apt-get update\nRUN apt-get install -y x', 'RUN apt-get update\nRUN apt-get install -y x'],
    ['CMD ["a"]\n# b\nCMD ["b"]', '# b\nCMD ["b"]'],
    ['WORKDIR b', 'WORKDIR /app/b'],
    [
      'COPY package.json package-lock.json ./\nRUN npm install --omit=dev',
      'COPY package.json package-lock.json ./\nRUN npm ci --omit=dev',
    ],
    ['COPY package*.json ./\nRUN npm install', 'COPY package*.json ./\nRUN npm install'],
    ['COPY package-lock.json ./\nRUN npm install --force', 'COPY package-lock.json ./\nRUN npm install --force'],
    ['RUN npm ci', 'RUN npm ci'],
    ['RUN --network=none npm ci', 'RUN --network=none --mount=type=cache,target=/root/.npm npm ci'],
    ['USER node\nRUN --network=none npm ci', 'USER node\nRUN --network=none npm ci'],
  ])('%j becomes %j', (before, after) => {
    expect(fixDockerfile(`${NODE}${before}\n`).text).toBe(`${NODE}${after}\n`);
  });

  it('keeps line ends, the escape directive and everything that it does not mend', () => {
    const text = '# escape=`\r\nFROM a:1 as b\r\n\r\n# keep\r\nRUN apk add `\r\n    git\r\nENV A b\r\n';
    expect(fixDockerfile(text).text).toBe(
      '# escape=`\r\nFROM a:1 AS b\r\n\r\n# keep\r\nRUN apk add --no-cache `\r\n    git\r\nENV A=b\r\n',
    );
  });

  it('mends no more at a second run, and breaks nothing', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyDockerfile(), (text) => {
        const once = fixDockerfile(text);
        expect(fixDockerfile(once.text)).toEqual({ text: once.text, fixed: [] });
        expect(once.fixed.length > 0).toBe(once.text !== text);
        expect(comments(once.text)).toEqual(comments(text));
        const errors = (source: string) => lintDockerfile(source).filter(({ severity }) => severity === 'error').length;
        expect(errors(once.text)).toBeLessThanOrEqual(errors(text));
      }),
      { numRuns: 200 },
    );
  });
});

function comments(text: string): readonly string[] {
  return parseDockerfile(text).comments.map((comment) => comment.text);
}
