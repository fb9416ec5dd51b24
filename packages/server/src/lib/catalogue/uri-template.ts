/** The variables of a URI that matches a template, decoded. */
export type Variables = Readonly<Record<string, string>>;

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly stops: string }
  | { readonly kind: 'query'; readonly names: readonly string[]; readonly first: string };

/** How each operator of RFC 6570 begins, joins and names its values, and which characters end a value. */
const OPERATORS: Readonly<Record<string, { begin: string; join: string; named?: true; stops: string }>> = {
  '': { begin: '', join: ',', stops: '/?#,&' },
  '+': { begin: '', join: ',', stops: '' },
  '#': { begin: '#', join: ',', stops: '' },
  '.': { begin: '.', join: '.', stops: '/?#,&' },
  '/': { begin: '/', join: '/', stops: '/?#' },
  ';': { begin: ';', join: ';', named: true, stops: '/?#;&' },
};

/**
 * A URI template of RFC 6570, level 1 to 3 and the explode modifier, made to match URIs. Time is linear in the URI's
 * length: one pass backwards finds from where the rest can match, one pass forwards takes the longest values.
 */
export class UriTemplate {
  readonly source: string;
  /** In the order of the template. */
  readonly names: readonly string[];
  readonly #parts: readonly Part[];

  /** @throws SyntaxError where the template is none. */
  constructor(source: string) {
    this.source = source;
    this.#parts = parseTemplate(source);
    this.names = this.#parts.flatMap((part) => {
      if (part.kind === 'literal') return [];
      return part.kind === 'variable' ? [part.name] : part.names;
    });
  }

  match(uri: string): Variables | undefined {
    const tables = reachTables(this.#parts, uri);
    if (tables[0]?.[0] !== 1) return undefined;
    return readVariables(this.#parts, tables, uri);
  }
}

function parseTemplate(source: string): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('{', at);
    const literal = source.slice(at, open === -1 ? source.length : open);
    if (literal.includes('}')) throw new SyntaxError(`Cannot read URI template "${source}": "}" without "{"`);
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    if (open === -1) break;
    const close = source.indexOf('}', open);
    if (close === -1) throw new SyntaxError(`Cannot read URI template "${source}": "{" without "}"`);
    parts.push(...parseExpression(source.slice(open + 1, close), source));
    at = close + 1;
  }
  return parts;
}

function parseExpression(expression: string, source: string): readonly Part[] {
  const [, sign = '', list = ''] = /^([+#./;?&]?)(.*)$/s.exec(expression) ?? [];
  const variables = list.split(',').map((text) => {
    const [, name, explode] = /^((?:[\w.]|%[\dA-Fa-f]{2})+)(\*?)$/.exec(text) ?? [];
    if (name === undefined)
      throw new SyntaxError(`Cannot read URI template "${source}": "{${expression}}" is no expression`);
    return { name, explode: explode === '*' };
  });
  if (sign === '?' || sign === '&') return [{ kind: 'query', names: variables.map(({ name }) => name), first: sign }];
  const operator = OPERATORS[sign];
  if (operator === undefined) throw new SyntaxError(`Cannot read URI template "${source}": unknown operator "${sign}"`);
  return variables.flatMap(({ name, explode }, index): Part[] => {
    const before = (index === 0 ? operator.begin : operator.join) + (operator.named ? `${name}=` : '');
    const stops = explode ? operator.stops.replace(operator.join, '') : operator.stops;
    const variable: Part = { kind: 'variable', name, stops };
    return before === '' ? [variable] : [{ kind: 'literal', text: before }, variable];
  });
}

/** `tables[i][p]` is 1 where the parts from `i` on match the URI from `p` to its end. */
function reachTables(parts: readonly Part[], uri: string): readonly Uint8Array[] {
  const end = new Uint8Array(uri.length + 1);
  end[uri.length] = 1;
  const tables: Uint8Array[] = [end];
  for (const part of parts.toReversed()) tables.unshift(reachBefore(part, tables[0] ?? end, uri));
  return tables;
}

function reachBefore(part: Part, after: Uint8Array, uri: string): Uint8Array {
  const reach = new Uint8Array(uri.length + 1);
  if (part.kind === 'literal') {
    for (let at = uri.indexOf(part.text); at !== -1; at = uri.indexOf(part.text, at + 1)) {
      reach[at] = after[at + part.text.length] ?? 0;
    }
    return reach;
  }
  const stops = part.kind === 'query' ? '#' : part.stops;
  // A value is a run of at least one character that ends where the next part can begin.
  let run = false;
  for (let at = uri.length - 1; at >= 0; at--) {
    const character = uri.charAt(at);
    run = !stops.includes(character) && (after[at + 1] === 1 || run);
    reach[at] = Number(part.kind === 'query' ? run && character === part.first : run);
  }
  if (part.kind === 'query') for (const [at, ends] of after.entries()) if (ends === 1) reach[at] = 1;
  return reach;
}

function readVariables(parts: readonly Part[], tables: readonly Uint8Array[], uri: string): Variables | undefined {
  const variables: Record<string, string> = Object.create(null);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const after = tables[index + 1] ?? new Uint8Array();
    if (part.kind === 'literal') {
      at += part.text.length;
      continue;
    }
    const end = longestEnd(part, after, uri, at);
    const text = uri.slice(at, end);
    at = end;
    const read = part.kind === 'query' ? readQuery(part.names, text, variables) : readValue(part.name, text, variables);
    if (!read) return undefined;
  }
  return variables;
}

function longestEnd(part: Part & { kind: 'variable' | 'query' }, after: Uint8Array, uri: string, from: number): number {
  const stops = part.kind === 'query' ? '#' : part.stops;
  let best = from;
  for (let at = from; at <= uri.length; at++) {
    if (after[at] === 1) best = at;
    const character = uri[at];
    if (character === undefined || stops.includes(character)) break;
  }
  return best;
}

function readValue(name: string, text: string, variables: Record<string, string>): boolean {
  try {
    variables[name] = decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Pairs may come in any order and be left out, but no others may come. */
function readQuery(names: readonly string[], text: string, variables: Record<string, string>): boolean {
  if (text === '') return true;
  return text
    .slice(1)
    .split('&')
    .every((pair) => {
      const [name = '', ...value] = pair.split('=');
      return names.includes(name) && readValue(name, value.join('='), variables);
    });
}
