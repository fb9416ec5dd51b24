import { ConnectorError } from '@mcpgen/connectors';

/** Turns what went wrong between us and the ticket system into a sentence that a model can act upon. */
export async function explainFailure<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'RESPONSE_STATUS') throw error;
    throw new Error(explain(Number(error.facts.status), readReason(error.facts.body)), { cause: error });
  }
}

/** These answers may be others a moment later. */
const temporary = new Set([429, 502, 503, 504]);

function explain(status: number, reason: string): string {
  if (status === 401 || status === 403)
    return 'The ticket system refused the credentials of this server: tell the user';
  if (status === 404) return `Not found: ${reason}`;
  if (status === 400 || status === 422) return `The ticket system refused the input: ${reason}`;
  if (temporary.has(status)) return `The ticket system is busy (${status}): try again later`;
  return `The ticket system failed with ${status}: ${reason}`;
}

function readReason(body: unknown): string {
  const isObject = typeof body === 'object' && body !== null && 'message' in body;
  return isObject && typeof body.message === 'string' ? body.message : 'it does not say why';
}
