import { type PatternNode, parsePattern } from './parse-pattern.ts';

/** Characters of a pattern beyond which it is not judged: the judgement takes the square of them. */
const SIZE_LIMIT = 250;
/** Characters by which two parts of a pattern are told to overlap. */
const ALPHABET: readonly string[] = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  'é',
  'ß',
  '中',
  '\u2028',
];

/**
 * Whether a backtracking matcher can need exponential time for a pattern: some part of it can go round in two ways for
 * the same text, as in `(a+)+`, `(a|a)*` or `(\w*-?)*`. This is the ambiguity of the pattern's automaton of positions
 * (Glushkov), found as a cycle in its product with itself.
 */
export function isUnsafePattern(source: string): boolean {
  const graph: Graph = { atoms: [], follow: [], doubled: false };
  const looks: PatternNode[] = [parsePattern(source)];
  for (let node = looks.pop(); node !== undefined; node = looks.pop()) connect(node, graph, looks);
  if (graph.doubled) return true;
  return graph.atoms.length <= SIZE_LIMIT && hasTwoWaysRound(graph);
}

interface Graph {
  readonly atoms: bigint[];
  readonly follow: Set<number>[];
  /** One step of a loop that comes about in two ways. */
  doubled: boolean;
}

interface Span {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly empty: boolean;
}

function connect(node: PatternNode, graph: Graph, looks: PatternNode[]): Span {
  switch (node.kind) {
    case 'atom': {
      const position = graph.atoms.push(charactersOf(node.source)) - 1;
      graph.follow.push(new Set());
      return { first: [position], last: [position], empty: false };
    }
    case 'look':
      looks.push(node.item);
      return { first: [], last: [], empty: true };
    case 'choice': {
      const spans = node.options.map((option) => connect(option, graph, looks));
      return {
        first: spans.flatMap(({ first }) => first),
        last: spans.flatMap(({ last }) => last),
        empty: spans.some(({ empty }) => empty),
      };
    }
    case 'sequence':
      return node.items.reduce<Span>((before, item) => chain(before, connect(item, graph, looks), graph), {
        first: [],
        last: [],
        empty: true,
      });
    case 'repeat': {
      const span = connect(node.item, graph, looks);
      if (node.many) loop(span, graph);
      return node.optional ? { ...span, empty: true } : span;
    }
    default:
      return node satisfies never;
  }
}

function chain(before: Span, after: Span, graph: Graph): Span {
  for (const from of before.last) for (const to of after.first) graph.follow[from]?.add(to);
  return {
    first: before.empty ? [...before.first, ...after.first] : before.first,
    last: after.empty ? [...before.last, ...after.last] : after.last,
    empty: before.empty && after.empty,
  };
}

function loop({ first, last }: Span, graph: Graph): void {
  for (const from of last) {
    for (const to of first) {
      if (graph.follow[from]?.has(to)) graph.doubled = true;
      graph.follow[from]?.add(to);
    }
  }
}

const known = new Map<string, bigint>();

function charactersOf(atom: string): bigint {
  const found = known.get(atom);
  if (found !== undefined) return found;
  const pattern = new RegExp(`^(?:${atom === '/' ? '\\/' : atom})$`, /\\[pP]\{|\\u\{/.test(atom) ? 'u' : '');
  const characters = ALPHABET.reduce(
    (bits, character, index) => (pattern.test(character) ? bits | (1n << BigInt(index)) : bits),
    0n,
  );
  known.set(atom, characters);
  return characters;
}

/** A pair of positions is reached by one text on two ways. Both must meet again where they have parted. */
function hasTwoWaysRound({ atoms, follow }: Graph): boolean {
  const size = atoms.length;
  const step = (pair: number): number[] => {
    const next: number[] = [];
    for (const a of follow[Math.floor(pair / size)] ?? []) {
      for (const b of follow[pair % size] ?? []) {
        if (((atoms[a] ?? 0n) & (atoms[b] ?? 0n)) !== 0n) next.push(a * size + b);
      }
    }
    return next;
  };
  for (let position = 0; position < size; position++) {
    const start = position * size + position;
    const reached = reach([start], step);
    if (!reached.has(start)) continue;
    const apart = [...reached].filter((pair) => Math.floor(pair / size) !== pair % size);
    if (apart.length > 0 && reach(apart, step).has(start)) return true;
  }
  return false;
}

/** Everything that is one step or more away. */
function reach(from: readonly number[], step: (pair: number) => readonly number[]): Set<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const next of step(pair)) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}
