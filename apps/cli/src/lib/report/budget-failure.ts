import type { PassedBudget } from '../build/budgets/check-budgets.ts';
import { exitCodes } from '../exit-code.ts';
import type { Done } from './envelope.ts';

/** What a command that is done says where budgets fail it; nothing where none does. */
export function budgetFailure(
  passed: readonly PassedBudget[],
): Pick<Done, 'code' | 'message' | 'fix' | 'exitCode'> | undefined {
  const failures = passed.filter(({ level }) => level === 'fail');
  if (failures.length === 0) return undefined;
  return {
    code: 'BUDGET_PASSED',
    message: failures.map(({ message }) => message).join('; '),
    fix: 'See what takes it by "mcpgen metrics --open", or raise the limit in "budgets"; --over-budget warn goes on',
    exitCode: exitCodes.budget,
  };
}
