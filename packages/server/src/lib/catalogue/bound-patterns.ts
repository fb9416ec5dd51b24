let bounded = false;

/** Patterns of schemas that would backtrack without end go on in linear time from now on (V8's flag of that name). */
export function boundPatterns(): void {
  if (bounded) return;
  bounded = true;
  process.getBuiltinModule('node:v8').setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}
