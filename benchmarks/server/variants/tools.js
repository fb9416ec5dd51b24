// The tools of every variant: `echo` and as many more as asked for, each with five fields.

/** @param {number} count */
export function listTools(count) {
  const fillers = Array.from({ length: count - 1 }, (_, index) => filler(index + 1));
  return [{ name: 'echo', description: 'Answers what it is told', inputSchema: echoSchema }, ...fillers];
}

export const echoSchema = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
};

/** @param {number} number */
function filler(number) {
  return {
    name: `tool_${String(number).padStart(4, '0')}`,
    description: `Looks up entry ${number} of the catalogue and says what is known about it`,
    inputSchema: {
      type: 'object',
      properties: {
        id: { type: 'string', description: 'Identifier of the entry' },
        query: { type: 'string', description: 'Words to look for in the text of the entry' },
        limit: { type: 'integer', minimum: 1, maximum: 100, description: 'How many results at most' },
        tags: { type: 'array', items: { type: 'string' }, description: 'Only entries with all of these tags' },
        verbose: { type: 'boolean', description: 'Whether to answer at length' },
      },
      required: ['id'],
      additionalProperties: false,
    },
  };
}
