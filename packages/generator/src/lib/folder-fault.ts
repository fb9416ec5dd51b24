import { DefinitionFault } from './definition-fault.ts';
import type { SourceKind } from './project.ts';

const DEFAULT_EXPORT = /^export\s+default\s+define(?<kind>Tool|Resource|Prompt|Connector)\s*[(<]/m;

/**
 * A fault where a source says that it defines something else than its folder holds. Its text is asked, since the
 * definition does not say: a tool and a prompt of the same fields are the same object.
 */
export function folderFault(kind: SourceKind, text: string): DefinitionFault | undefined {
  const defined = DEFAULT_EXPORT.exec(text)?.groups?.kind?.toLowerCase();
  if (defined === undefined || defined === kind) return undefined;
  const define = `define${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return new DefinitionFault(`it defines a ${defined}, but lies in ${kind}s/`, {
    hint: `Move it to ${defined}s/, or write ${define}({ ... }).`,
  });
}
