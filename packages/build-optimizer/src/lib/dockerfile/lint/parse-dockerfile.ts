import { type Dockerfile, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { dockerfileTooLarge, dockerfileUnreadable } from '../errors.ts';
import type {
  DockerFlag,
  DockerfileModel,
  DockerHeredoc,
  DockerInstruction,
  DockerPair,
  DockerStage,
} from './dockerfile-model.ts';
import { expandVariables } from './expand-variables.ts';
import { shellCommands } from './shell-commands.ts';

/** Beyond these it is no Dockerfile: rules that compare instructions with each other would take their time. */
const LONGEST = 200_000;
const MOST_INSTRUCTIONS = 5000;
const MOST_STAGES = 200;

/**
 * Reads a Dockerfile. Whatever the text is, it comes out as instructions, some with keywords that do not exist.
 *
 * @throws DockerfileError for a text too long to be a Dockerfile.
 */
export function parseDockerfile(source: string): DockerfileModel {
  if (source.length > LONGEST) throw dockerfileTooLarge(source.length, 'characters', LONGEST);
  // A line ends with \n: to builders a \r within it is a blank. What is replaced keeps its length.
  const text = source.replace(/^\uFEFF/, ' ').replaceAll(/\r(?!\n)/g, ' ');
  const model = readModel(text);
  const { instructions, stages } = model;
  if (instructions.length > MOST_INSTRUCTIONS)
    throw dockerfileTooLarge(instructions.length, 'instructions', MOST_INSTRUCTIONS);
  if (stages.length > MOST_STAGES) throw dockerfileTooLarge(stages.length, 'stages', MOST_STAGES);
  return model;
}

function readModel(text: string): DockerfileModel {
  try {
    return toModel(text, DockerfileParser.parse(text));
  } catch (error) {
    throw dockerfileUnreadable(error);
  }
}

interface Reader {
  readonly text: string;
  readonly escapeCharacter: string;
  readonly offset: (position: { readonly line: number; readonly character: number }) => number;
}

function toModel(text: string, parsed: Dockerfile): DockerfileModel {
  const starts = lineStarts(text);
  const escapeCharacter = parsed.getEscapeCharacter() === '`' ? '`' : '\\';
  const reader: Reader = {
    text,
    escapeCharacter,
    offset: ({ line, character }) => (starts[line] ?? text.length) + character,
  };
  const instructions = parsed.getInstructions().map((instruction) => readInstruction(reader, instruction));
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const globals = first === -1 ? instructions : instructions.slice(0, first);
  const syntax = parsed.getDirectives().find((directive) => directive.getName().toLowerCase() === 'syntax');
  return {
    text,
    escapeCharacter,
    syntax: syntax?.getValue(),
    instructions,
    globals,
    stages: first === -1 ? [] : readStages(instructions.slice(first), globals),
    comments: parsed
      .getComments()
      .map((comment) => ({ line: comment.getRange().start.line + 1, text: comment.getContent() ?? '' })),
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function readInstruction(reader: Reader, outer: Instruction): DockerInstruction {
  const trigger = 'getTriggerInstruction' in outer ? triggerOf(outer) : undefined;
  const instruction = trigger ?? outer;
  const range = outer.getRange();
  const args = instruction.getArgumentsRange();
  const [start, end] = [reader.offset(range.start), reader.offset(range.end)];
  const argsStart = args === null ? end : reader.offset(args.start);
  const heredocs = heredocsOf(reader, instruction);
  const keyword = instruction.getKeyword();
  const head = heredocs.length === 0 ? end : lineEndAt(reader.text, argsStart);
  const json = jsonOf(reader, argsStart, head);
  const words = argumentWords(reader, argsStart, head);
  return {
    keyword,
    written: instruction.getInstruction(),
    onbuild: trigger !== undefined,
    line: range.start.line + 1,
    endLine: range.end.line + 1,
    column: range.start.character + 1,
    start,
    end,
    flags: flagsOf(instruction),
    argsStart,
    words,
    json,
    pairs: pairsOf(keyword, words),
    heredocs,
    commands: commandsOf(reader, { keyword, argsStart, end, heredocs, json, words }),
  };
}

interface WithTrigger {
  getTriggerInstruction(): Instruction | null;
}

function triggerOf(outer: Instruction): Instruction | undefined {
  return (outer as Instruction & WithTrigger).getTriggerInstruction() ?? undefined;
}

function flagsOf(instruction: Instruction): readonly DockerFlag[] {
  if (!('getFlags' in instruction) || typeof instruction.getFlags !== 'function') return [];
  const flags = instruction.getFlags() as readonly { getName(): string; getValue(): string | null }[];
  return flags.map((flag) => ({ name: flag.getName(), value: unquote(flag.getValue() ?? '') }));
}

function heredocsOf({ offset }: Reader, instruction: Instruction): readonly DockerHeredoc[] {
  if (!['RUN', 'COPY', 'ADD'].includes(instruction.getKeyword())) return [];
  const { getHeredocs } = instruction as unknown as { getHeredocs?: () => readonly AstHeredoc[] };
  return (getHeredocs?.call(instruction) ?? []).flatMap((heredoc) => {
    const range = heredoc.getContentRange();
    if (range === null) return [];
    return [{ name: heredoc.getName(), start: offset(range.start), end: offset(range.end) }];
  });
}

interface AstHeredoc {
  getName(): string;
  getContentRange(): { start: { line: number; character: number }; end: { line: number; character: number } } | null;
}

function lineEndAt(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found;
}

/** The words of a logical line: by the same rules for all instructions. */
function argumentWords({ text, escapeCharacter }: Reader, start: number, end: number): readonly string[] {
  const joined = logicalLine(text.slice(start, end), escapeCharacter);
  return (joined.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\]|["'\\])+/gs) ?? []).map(unquote);
}

/** Without continuations, and without the comments between continued lines. */
function logicalLine(text: string, escapeCharacter: string): string {
  const lines = text.split('\n').filter((line, index) => index === 0 || !/^\s*#/.test(line));
  return lines
    .map((line) => {
      const trimmed = line.trimEnd();
      return trimmed.endsWith(escapeCharacter) ? `${trimmed.slice(0, -1)} ` : `${line} `;
    })
    .join('');
}

function unquote(text: string): string {
  return text.replaceAll(
    /"((?:\\.|[^"\\])*)"|'([^']*)'/gs,
    (_, double?: string, single?: string) => double ?? single ?? '',
  );
}

/** Builders take a list that is not JSON as a command line. */
function jsonOf({ text, escapeCharacter }: Reader, start: number, end: number): readonly string[] | undefined {
  const line = logicalLine(text.slice(start, end), escapeCharacter).trim();
  if (!line.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function pairsOf(keyword: string, words: readonly string[]): readonly DockerPair[] {
  if (!['ARG', 'ENV', 'LABEL'].includes(keyword)) return [];
  const [first = '', ...rest] = words;
  // ENV NAME VALUE, the old form.
  if (keyword !== 'ARG' && first !== '' && !first.includes('=')) return [{ name: first, value: rest.join(' ') }];
  return words.map((word) => {
    const at = word.indexOf('=');
    return at === -1 ? { name: word, value: undefined } : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
}

type Read = Pick<DockerInstruction, 'keyword' | 'argsStart' | 'end' | 'heredocs' | 'json' | 'words'>;

function commandsOf(
  reader: Reader,
  { keyword, argsStart, end, heredocs, json, words }: Read,
): DockerInstruction['commands'] {
  const { text, escapeCharacter } = reader;
  if (keyword === 'HEALTHCHECK') {
    const at = /^CMD\b/i.test(text.slice(argsStart, end)) ? argsStart + 'CMD'.length : end;
    return shellCommands(text, { start: at, end, escapeCharacter, form: 'joined' });
  }
  if (!['RUN', 'CMD', 'ENTRYPOINT'].includes(keyword)) return [];
  if (json !== undefined) return jsonCommand(json, argsStart, end);
  const [heredoc] = heredocs;
  const isScript = keyword === 'RUN' && heredoc !== undefined && /^<<-?\S+$/.test(words.join(' '));
  if (isScript)
    return shellCommands(text, { start: heredoc.start, end: heredoc.end, escapeCharacter: '\\', form: 'lines' });
  const head = heredoc === undefined ? end : lineEndAt(text, argsStart);
  return shellCommands(text, { start: argsStart, end: head, escapeCharacter, form: 'joined' });
}

function jsonCommand(json: readonly string[], start: number, end: number): DockerInstruction['commands'] {
  const words = json.map((text) => ({ text, start, end, plain: false }));
  const [program, ...args] = words;
  if (program === undefined) return [];
  const name = program.text.slice(program.text.lastIndexOf('/') + 1);
  return [{ name, program, args, end, operator: '', sudo: name === 'sudo' }];
}

function readStages(
  instructions: readonly DockerInstruction[],
  globals: readonly DockerInstruction[],
): readonly DockerStage[] {
  const variables = new Map(globals.flatMap(({ pairs }) => pairs.map(({ name, value }) => [name, value] as const)));
  const stages: DockerStage[] = [];
  let current: DockerInstruction[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword !== 'FROM' || instruction.onbuild) {
      current.push(instruction);
      continue;
    }
    const [image = '', as = '', name] = instruction.words;
    const expanded = expandVariables(image, variables);
    current = [];
    stages.push({
      index: stages.length,
      name: as.toLowerCase() === 'as' ? name?.toLowerCase() : undefined,
      from: instruction,
      image: expanded,
      parent: stages.findLast((stage) => stage.name !== undefined && stage.name === expanded.toLowerCase()),
      instructions: current,
    });
  }
  return stages;
}
