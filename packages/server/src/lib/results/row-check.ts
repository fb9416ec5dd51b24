import type { LoadedTool } from '../catalogue/catalogue.ts';
import type { Validator } from '../catalogue/manifest.ts';
import { isFields } from '../protocol/message.ts';
import { streamedFields } from './large-value.ts';
import { issueList } from './tool-answer.ts';
import { isToolResult, ResultProblem } from './tool-result.ts';
import type { RowCheck } from './write-json.ts';

/**
 * Holds each row of a stream to the tool's output schema, as if it were the only one: with what stands around it, so
 * that the rest of the value is held to it too.
 */
export function rowCheck(value: unknown, { structured, validateOutput }: LoadedTool): RowCheck {
  if (!structured || validateOutput === undefined) return () => {};
  const found = isToolResult(value) ? value.structuredContent : value;
  const rest = isFields(found) ? withoutRows(found) : {};
  return (rows, index, field) => {
    const issues = validateOutput(field === undefined ? rows : { ...rest, [field]: rows });
    if (issues !== true) throw new ResultProblem(`streamed a value that its output schema refuses: ${told(issues)}`);

    function told(all: Exclude<ReturnType<Validator>, true>): string {
      const at = field === undefined ? '' : `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return issueList(all.map(({ path, message }) => ({ path: numbered(path, at, index), message })));
    }
  };
}

function withoutRows(value: object): object {
  return { ...value, ...Object.fromEntries(streamedFields(value).map((name) => [name, []])) };
}

/** The row is the first of its list for the schema alone. */
function numbered(path: string, list: string, index: number): string {
  const first = `${list}/0`;
  return path === first || path.startsWith(`${first}/`) ? `${list}/${index}${path.slice(first.length)}` : path;
}
