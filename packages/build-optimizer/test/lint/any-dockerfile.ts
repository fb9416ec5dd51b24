import fc from 'fast-check';

const LINES = [
  '# syntax=docker/dockerfile:1',
  '# escape=`',
  '# a comment',
  '# hadolint ignore=DL3008,DL3009',
  '',
  'ARG TAG=24',
  'ARG NPM_TOKEN',
  'FROM node:${TAG} as build',
  'FROM build AS run',
  'FROM scratch',
  'FROM --platform=$BUILDPLATFORM node',
  'WORKDIR app',
  'WORKDIR /app',
  'ENV A b c',
  'ENV X=1 \\',
  '    Y="2 3"',
  'LABEL a=b',
  'MAINTAINER me',
  'COPY package.json package-lock.json ./',
  'COPY . .',
  'COPY --from=build --link /app/dist ./dist',
  'COPY --from=0 ["a b", "./"]',
  'COPY <<EOF /etc/x',
  'RUN <<EOF',
  'EOF',
  'RUN apt-get update && apt-get install git',
  'RUN apt-get update \\',
  '  && apt-get install -y --no-install-recommends \\',
  '     curl \\',
  '  # why',
  '  && rm -rf /var/lib/apt/lists/*',
  'RUN apk add git',
  'RUN npm install',
  'RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev',
  'RUN curl -fsSL https://example.com | sudo bash -',
  'RUN ["apt-get", "update"]',
  'RUN if [ -f x ]; then npm ci; else yarn; fi',
  'RUN sh -c "npm install && npm run build"',
  'ONBUILD RUN npm install',
  'ONBUILD',
  'USER node',
  'VOLUME /data',
  'EXPOSE 3000 99999',
  'STOPSIGNAL SIGTERM',
  'SHELL ["/bin/bash", "-c"]',
  'HEALTHCHECK --interval=3s CMD curl -f http://localhost || exit 1',
  'CMD npm start',
  'CMD ["node", "x.js"]',
  'ENTRYPOINT ["node"',
  'ENTRYPOINT node x.js',
  'BOGUS x',
  'npm ci',
];

const PIECES = [
  '\\',
  '`',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '"',
  "'",
  '$',
  '${',
  '}',
  '(',
  ')',
  '$(',
  '<<EOF',
  '<<-"A"',
  '=',
  '[',
  ']',
  ',',
  '&&',
  '|',
  ';',
  '#',
  '--',
  '\0',
  '\uFEFF',
  'é',
  '😀',
  '@',
  ':',
  '/',
  '*',
];

/** Dockerfiles of lines that people write, in any order, with damage of all kinds. */
export function anyDockerfile(): fc.Arbitrary<string> {
  const lines = fc.array(fc.constantFrom(...LINES), { maxLength: 25 });
  const damage = fc.array(
    fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('insert', 'remove', 'repeat'),
      piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })),
      length: fc.integer({ min: 1, max: 12 }),
    }),
    { maxLength: 6 },
  );
  return fc.tuple(lines, damage, fc.constantFrom('\n', '\r\n')).map(([chosen, wounds, lineEnd]) =>
    wounds.reduce((text, { at, kind, piece, length }) => {
      const place = at % (text.length + 1);
      const cut = text.slice(place, place + length);
      const middle = kind === 'insert' ? piece + cut : kind === 'repeat' ? cut + cut : '';
      return text.slice(0, place) + middle + text.slice(place + length);
    }, chosen.join(lineEnd)),
  );
}
