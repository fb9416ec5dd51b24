import ts from 'typescript';
import { readText } from './workspace.ts';

/** What the rules need to know of one source file. */
export interface SourceFile {
  readonly path: string;
  /** Lines, the last line break not counted. */
  readonly lines: number;
  /** Every module it names: static and dynamic imports, re-exports and import types. */
  readonly imports: readonly string[];
  readonly functions: readonly MeasuredFunction[];
  /** Uses of what only an application may touch: `process.env`, `console`, the clock, chance. */
  readonly effects: readonly Effect[];
  /** Every string literal outside imports. */
  readonly strings: ReadonlySet<string>;
  readonly statements: readonly ts.Statement[];
}

export interface MeasuredFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

export interface Effect {
  readonly what: string;
  /** The whole expression: `process.env.HOME`. */
  readonly text: string;
  readonly line: number;
}

const parsed = new Map<string, SourceFile>();

/** Parses a file once for all the rules. */
export function readSource(path: string): SourceFile {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const file = parseSource(path, readText(path));
  parsed.set(path, file);
  return file;
}

/** Reads imports, functions and effects from a file's text. */
export function parseSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: string[] = [];
  const functions: MeasuredFunction[] = [];
  const effects: Effect[] = [];
  const strings = new Set<string>();
  const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1;

  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== undefined) imports.push(specifier);
    if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)) strings.add(node.text);
    const effect = effectOf(node);
    if (effect !== undefined)
      effects.push({ what: effect, text: node.parent.getText(), line: lineOf(node.getStart()) });
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const line = lineOf(node.getStart());
      functions.push({ name: nameOf(node), line, lines: lineOf(node.getEnd()) - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { path, lines, imports, functions, effects, strings, statements: [...tree.statements] };
}

function importedBy(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const called = node.expression.getText();
  const names = isImport || ['require', 'import.meta.resolve', 'process.getBuiltinModule'].includes(called);
  return names ? textOf(node.arguments[0]) : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function effectOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const object = node.expression.getText();
    const access = `${object}.${node.name.text}`;
    if (object === 'console') return 'console';
    if (access === 'process.env' || access === 'process.exit') return access;
    if (access === 'process.stdout' || access === 'process.stderr') return access;
  }
  if (ts.isCallExpression(node)) {
    const called = node.expression.getText();
    if (called === 'Date.now' || called === 'Math.random') return `${called}()`;
  }
  const isNow = ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length;
  return isNow ? 'new Date()' : undefined;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isNamed ? parent.name.getText() : ts.isConstructorDeclaration(node) ? 'constructor' : 'a callback';
}
