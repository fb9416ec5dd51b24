import ts from 'typescript';
import { readSource } from './source-file.ts';
import { findSources, type Member } from './workspace.ts';

/** The codes of a package: the members of its `…ErrorCode` type, and what its error classes are made with. */
export function findErrorCodes(member: Member): readonly string[] {
  const files = findSources(member).filter((path) => path.endsWith('/errors.ts'));
  const codes = files.flatMap((path) => readSource(path).statements.flatMap(codesIn));
  return [...new Set(codes)].sort();
}

function codesIn(node: ts.Node): readonly string[] {
  if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode')) return literalsIn(node.type);
  if (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) return codeOf(node);
  const codes: string[] = [];
  ts.forEachChild(node, (child) => void codes.push(...codesIn(child)));
  return codes;
}

function literalsIn(type: ts.TypeNode): readonly string[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(literalsIn);
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [];
}

/** `new XError('CODE', …)` */
function codeOf(made: ts.NewExpression): readonly string[] {
  const [first] = made.arguments ?? [];
  return first !== undefined && ts.isStringLiteral(first) && /^[A-Z][A-Z0-9_]+$/.test(first.text) ? [first.text] : [];
}
