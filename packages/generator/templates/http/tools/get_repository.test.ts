import assert from 'node:assert/strict';
import { test } from 'node:test';
import getRepository from './get_repository.ts';

test('reads what it needs of the answer', async () => {
  const paths: string[] = [];
  const api = {
    get: async (path: string) => {
      paths.push(path);
      return { full_name: 'a/b', description: null, stargazers_count: 3, open_issues_count: 1, more: true };
    },
  };
  const context = { connectors: { api }, signal: AbortSignal.timeout(1000) } as never;
  const result = await getRepository.handler({ owner: 'a', name: 'b' }, context);
  assert.deepEqual(result, { name: 'a/b', about: '', stars: 3, openIssues: 1 });
  assert.deepEqual(paths, ['/repos/a/b']);
});
