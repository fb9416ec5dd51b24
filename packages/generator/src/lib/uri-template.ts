const VARIABLE = '(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*';
const EXPRESSION = new RegExp(`^[+#./;?&]?${VARIABLE}(?:,${VARIABLE})*$`);
const LEVEL_4 = new RegExp(`^[+#./;?&]?${VARIABLE}(?::\\d+|\\*)?(?:,${VARIABLE}(?::\\d+|\\*)?)*$`);

export type UriTemplateCheck =
  | { readonly valid: true; readonly variables: readonly string[] }
  | { readonly valid: false; readonly fault: string };

/** Checks a URI template of RFC 6570, level 1 to 3, and lists its variables in order. */
export function checkUriTemplate(template: string): UriTemplateCheck {
  const variables: string[] = [];
  let literal = '';
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    literal += open === -1 ? rest : rest.slice(0, open);
    if (open === -1) break;
    const close = rest.indexOf('}', open);
    if (close === -1) return { valid: false, fault: 'a "{" is never closed' };
    const expression = rest.slice(open + 1, close);
    const fault = expressionFault(expression);
    if (fault !== undefined) return { valid: false, fault };
    variables.push(...expression.replace(/^[+#./;?&]/, '').split(','));
    literal += 'x';
    rest = rest.slice(close + 1);
  }
  const fault = literalFault(literal, variables);
  return fault === undefined ? { valid: true, variables } : { valid: false, fault };
}

function expressionFault(expression: string): string | undefined {
  if (EXPRESSION.test(expression)) return undefined;
  const shown = JSON.stringify(`{${expression.slice(0, 64)}}`);
  if (LEVEL_4.test(expression)) return `${shown} is of level 4, where "*" and ":n" belong; levels 1 to 3 are supported`;
  return `${shown} is not an expression of RFC 6570`;
}

function literalFault(literal: string, variables: readonly string[]): string | undefined {
  if (literal.includes('}')) return 'a "}" was never opened';
  if (/[\s"'<>\\^`|\p{Cc}]/u.test(literal)) return 'it holds a character that no URI may hold';
  if (new Set(variables).size !== variables.length) return 'a variable occurs twice';
  return /^[A-Za-z][A-Za-z0-9+.-]*:./.test(literal) ? undefined : 'it has no scheme, such as file: or db:';
}
