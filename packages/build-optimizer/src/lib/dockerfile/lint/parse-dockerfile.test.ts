import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDockerfile } from '../../../../test/lint/any-dockerfile.ts';
import { lintDockerfile } from './lint-dockerfile.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

describe('parseDockerfile', () => {
  it('reads continued lines, comments between them, flags and JSON', () => {
    const { instructions } = parseDockerfile(
      'FROM a:1\nRUN --mount=type=cache,target=/x a \\\n  # why\n\n  b "c d" && e\nCOPY --from=x --link ["a b", "./"]\n',
    );
    const [, run, copy] = instructions;
    expect(run).toMatchObject({ line: 2, endLine: 5, flags: [{ name: 'mount', value: 'type=cache,target=/x' }] });
    expect(run?.commands.map(({ name, args }) => [name, ...args.map((word) => word.text)])).toEqual([
      ['a', 'b', 'c d'],
      ['e'],
    ]);
    expect(copy).toMatchObject({ json: ['a b', './'], flags: [{ name: 'from', value: 'x' }, { name: 'link' }] });
  });

  it('reads here-documents as scripts, and what follows them', () => {
    const { instructions } = parseDockerfile(
      'FROM a:1\nRUN <<-EOF\n\tset -e\n\tnpm ci # all\n\tEOF\nCOPY <<A <<B /x/\nFROM fake\nA\nb\nB\nUSER 1\n',
    );
    expect(instructions.map(({ keyword }) => keyword)).toEqual(['FROM', 'RUN', 'COPY', 'USER']);
    expect(instructions[1]?.commands.map(({ name }) => name)).toEqual(['set', 'npm']);
    expect(instructions[2]?.words).toEqual(['<<A', '<<B', '/x/']);
  });

  it('knows stages by name, number and variable', () => {
    const { stages } = parseDockerfile('ARG B=base\nFROM a:1 AS Base\nFROM $B\nFROM ${MISSING:-c:2}\nFROM $MISSING\n');
    expect(stages.map(({ name, image, parent }) => [name, image, parent?.index])).toEqual([
      ['base', 'a:1', undefined],
      [undefined, 'base', 0],
      [undefined, 'c:2', undefined],
      [undefined, '$MISSING', undefined],
    ]);
  });

  it('takes ONBUILD for what it sets off', () => {
    const [, onbuild] = parseDockerfile('FROM a:1\nONBUILD RUN --network=none npm ci\n').instructions;
    expect(onbuild).toMatchObject({ keyword: 'RUN', onbuild: true, flags: [{ name: 'network' }] });
    expect(onbuild?.commands).toMatchObject([{ name: 'npm' }]);
  });

  it('reads the commands inside conditions, loops and sh -c', () => {
    const names = (script: string) =>
      parseDockerfile(`FROM a:1\nRUN ${script}`).instructions[1]?.commands.map(({ name }) => name);
    expect(names('if [ -f x ]; then npm ci; else yarn; fi')).toEqual(['[', 'npm', 'yarn']);
    expect(names('(cd x && /usr/bin/npm ci) >/dev/null 2>&1')).toEqual(['cd', 'npm']);
    expect(names('A=1 B="2 3" sudo -E env C=4 apt-get update')).toEqual(['apt-get']);
    expect(names(`bash -exc 'npm ci && npm run build'`)).toEqual(['bash', 'npm', 'npm']);
    expect(names('a &>/dev/null b 2>&1 & c')).toEqual(['a', 'c']);
    expect(names('x $(curl a | b "c)") d; e')).toEqual(['x', 'e']);
  });

  it.each([
    ['characters', 'RUN a\n'.repeat(40_000)],
    ['instructions', 'RUN a\n'.repeat(6000)],
    ['stages', 'FROM a\n'.repeat(300)],
  ])('refuses more %s than a Dockerfile has', (what, text) => {
    expect(() => lintDockerfile(text)).toThrow(
      expect.objectContaining({ code: 'DOCKERFILE_TOO_LARGE', message: expect.stringContaining(what) }),
    );
  });

  it('takes any text for a Dockerfile', { timeout: 60_000 }, () => {
    const anything = fc.oneof(anyDockerfile(), fc.string({ unit: 'binary', maxLength: 400 }));
    fc.assert(
      fc.property(anything, (text) => {
        const lines = text.split('\n').length;
        for (const { line, endLine, message } of lintDockerfile(text)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(endLine).toBeLessThanOrEqual(lines);
          expect(message).toMatch(/\S/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['quotes', `FROM a:1\nRUN ${'"\''.repeat(40_000)}`],
    ['substitutions', `FROM a:1\nRUN ${'$('.repeat(40_000)}`],
    ['continued blanks', `FROM a:1\nRUN a ${`\\${' '.repeat(50)}\n`.repeat(1500)}`],
    ['blanks', `FROM a:1\nENV A b${' '.repeat(90_000)}\\\nx`],
    ['flags', `FROM a:1\nRUN ${'--mount=a '.repeat(3000)}x`],
    ['variables', `FROM a\nENV A=${'${a'.repeat(20_000)}`],
    ['one word', `FROM a:1\nRUN ${'a'.repeat(190_000)}`],
    ['words', `FROM a:1\nRUN rm ${'a '.repeat(20_000)}`],
    ['tokens', `FROM a:1\nRUN _authToken${' '.repeat(90_000)}x`],
    ['slashes', `FROM a:1\nWORKDIR ${'/'.repeat(90_000)}x`],
    ['copies', `FROM a:1\n${'COPY a /b\nRUN rm /c\n'.repeat(2000)}`],
    ['shells', `FROM a:1\nRUN ${`sh -c "`.repeat(20_000)}`],
    ['stages', Array.from({ length: 199 }, (_, index) => `FROM s${index} AS s${index + 1}\nRUN npm ci`).join('\n')],
  ])('reads hostile %s before the test gives up', { timeout: 20_000 }, (_, text) => {
    expect(lintDockerfile(text).length).toBeGreaterThan(0);
  });
});
