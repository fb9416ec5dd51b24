import type { Auth } from '../authoring/auth.ts';
import { hasMethod } from '../catalogue/module-exports.ts';
import { moduleInvalid } from '../errors.ts';

/** @throws ServerError MODULE_INVALID */
export function parseAuth(value: unknown, path: string): Auth {
  if (!hasMethod(value, 'authenticate')) throw moduleInvalid(path, 'its default export has no "authenticate"');
  const auth = value as Auth;
  const problem = authProblem(auth);
  if (problem !== undefined) throw moduleInvalid(path, problem);
  return auth;
}

/** RFC 6749, 3.3: scopes stand between quotes in a header, parted by spaces. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** What is wrong with what an author says of who may call, or nothing. */
export function authProblem({ scopes = [] }: Auth): string | undefined {
  const sound = Array.isArray(scopes) && scopes.every((scope) => SCOPE.test(String(scope)));
  return sound ? undefined : '"scopes" must be a list of names without spaces, quotes and backslashes';
}
