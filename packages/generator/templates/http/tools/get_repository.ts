import { defineTool } from '@mcpgen/server';
import * as z from 'zod';
import api from '../connectors/api.ts';

/** What this tool reads of the answer, so that a change of the API is noticed here. */
const Repository = z.object({
  full_name: z.string(),
  description: z.string().nullable(),
  stargazers_count: z.int(),
  open_issues_count: z.int(),
});

export default defineTool({
  title: 'Get a repository',
  description: 'Tells what a repository is about, and how many stars and open issues it has.',
  input: z.object({
    owner: z
      .string()
      .regex(/^[\w.-]{1,100}$/)
      .describe('Who owns it'),
    name: z
      .string()
      .regex(/^[\w.-]{1,100}$/)
      .describe('Its name'),
  }),
  output: z.object({ name: z.string(), about: z.string(), stars: z.int(), openIssues: z.int() }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  connectors: { api },
  cache: { ttl: '5m', scope: 'public' },
  async handler({ owner, name }, { connectors, signal }) {
    const answer = await connectors.api.get(`/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`, signal);
    const repository = Repository.parse(answer);
    return {
      name: repository.full_name,
      about: repository.description ?? '',
      stars: repository.stargazers_count,
      openIssues: repository.open_issues_count,
    };
  },
});
