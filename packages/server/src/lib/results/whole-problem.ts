import type { ToolCall } from '../catalogue/catalogue.ts';
import { comesOnce, weigh } from './large-value.ts';
import { exceeds, sizeProblem } from './result-size.ts';
import { ResultWriter } from './result-writer.ts';
import { outputProblem, resultOptions } from './tool-answer.ts';
import { isToolResult, ResultProblem } from './tool-result.ts';

/**
 * Why a large value that is there as a whole cannot be sent, which is better told before any of it is sent. Its JSON is
 * made once more for that, and dropped, where the value may be past the limit.
 */
export async function wholeProblem(call: ToolCall, value: unknown): Promise<unknown> {
  if (comesOnce(isToolResult(value) ? value.structuredContent : value) || comesOnce(value)) return undefined;
  try {
    const problem = outputProblem(call.loaded, value);
    return problem === undefined ? await sizeOf(call, value) : new ResultProblem(problem);
  } catch (error) {
    return error;
  }
}

async function sizeOf(call: ToolCall, value: unknown): Promise<ResultProblem | undefined> {
  const options = resultOptions(call);
  const { limit, structured } = options;
  if (typeof value === 'string') {
    const problem = sizeProblem(value, limit);
    if (problem !== undefined) return new ResultProblem(problem);
  }
  if (weigh(value) * (structured ? 3 : 1.5) < limit) return undefined;
  const writer = new ResultWriter(options, () => {});
  let size = 0;
  for await (const _ of writer.write(value)) {
    size += writer.take().length;
    if (size > limit) break;
  }
  size += writer.take().length;
  return size > limit ? new ResultProblem(exceeds(limit)) : undefined;
}
