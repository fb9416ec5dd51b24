import type { Budget, Limit } from '@mcpgen/build-metrics';
import type { BudgetConfig, Limit as ConfiguredLimit } from '../../config/config.ts';
import { durationProblem, milliseconds } from '../../config/duration.ts';
import { byteSize, sizeProblem } from '../../config/size.ts';
import { usageError } from '../../errors.ts';

/** What flags say about budgets. */
export interface BudgetFlags {
  /** Such as `imageSize=80MB` or `steps.bundle=2s`: each fails, in place of what is configured. */
  readonly budget?: readonly string[];
  readonly overBudget?: OverBudgetAction;
}

/** What happens past a budget; `fail` does as the budget says. */
export type OverBudgetAction = 'fail' | 'warn' | 'ignore';

/** Budgets under the names of the configuration, `layers/app` for `layers: { app }`. Milliseconds and bytes. */
export interface BudgetSettings extends Budget {
  readonly serverStart?: Limit;
}

const FIELDS: Readonly<Record<keyof BudgetConfig, { readonly unit: 'time' | 'size'; readonly of: 'all' | 'each' }>> = {
  buildTime: { unit: 'time', of: 'all' },
  steps: { unit: 'time', of: 'each' },
  imageSize: { unit: 'size', of: 'all' },
  layers: { unit: 'size', of: 'each' },
  serverSize: { unit: 'size', of: 'all' },
  tools: { unit: 'size', of: 'each' },
  serverStart: { unit: 'time', of: 'all' },
};

/** Flags over configuration; `undefined` where there are none, or they are to be ignored. */
export function budgetSettings(config: BudgetConfig = {}, flags: BudgetFlags = {}): BudgetSettings | undefined {
  const { budget: asked = [], overBudget = 'fail' } = flags;
  const limits = new Map([...configuredLimits(config), ...asked.map(parseFlag)]);
  if (limits.size === 0 || overBudget === 'ignore') return undefined;
  const told = [...limits].map(([name, limit]) => [name, overBudget === 'warn' ? warningOf(limit) : limit] as const);
  const { buildTime, serverStart, ...named } = Object.fromEntries(told);
  const isStep = ([name]: readonly [string, unknown]) => name.startsWith('steps/');
  const steps = Object.entries(named).filter(isStep);
  return {
    ...(buildTime !== undefined && { duration: buildTime }),
    ...(serverStart !== undefined && { serverStart }),
    steps: Object.fromEntries(steps.map(([name, limit]) => [name.slice('steps/'.length), limit])),
    bytes: Object.fromEntries(Object.entries(named).filter((entry) => !isStep(entry))),
  };
}

function configuredLimits(config: BudgetConfig): readonly (readonly [string, Limit])[] {
  return Object.entries(FIELDS).flatMap(([field, { unit, of }]) => {
    const value = config[field as keyof BudgetConfig];
    if (value === undefined) return [];
    if (of === 'all') return [[field, resolveLimit(value as ConfiguredLimit, unit)] as const];
    return Object.entries(value).map(([name, limit]) => [`${field}/${name}`, resolveLimit(limit, unit)] as const);
  });
}

function resolveLimit(limit: ConfiguredLimit, unit: 'time' | 'size'): Limit {
  const read = unit === 'time' ? milliseconds : byteSize;
  if (typeof limit !== 'object') return read(limit);
  const { warn, fail } = limit;
  return { ...(warn !== undefined && { warn: read(warn) }), ...(fail !== undefined && { fail: read(fail) }) };
}

/** `layers.app=1MB`: everything after the first point and before the last equals sign is a name. */
function parseFlag(flag: string): readonly [string, Limit] {
  const parts = /^(?<field>\w+)(?:\.(?<name>.+))?=(?<amount>[^=]*)$/s.exec(flag)?.groups;
  const known = Object.entries(FIELDS).find(([field]) => field === parts?.field);
  const isWhole = known?.[1].of === (parts?.name === undefined ? 'all' : 'each');
  if (parts === undefined || known === undefined || !isWhole) {
    throw usageError(
      `Cannot read the budget "${flag}": expected ${Object.entries(FIELDS).map(nameOf).join(', ')}, then = and a limit`,
      'Write it like --budget imageSize=80MB or --budget steps.bundle=2s',
    );
  }
  const [field, { unit }] = known;
  const { amount = '', name } = parts;
  const problem = unit === 'time' ? durationProblem(amount) : sizeProblem(amount);
  if (problem !== undefined) throw usageError(`Cannot read the budget "${flag}": ${problem}`);
  return [name === undefined ? field : `${field}/${name}`, resolveLimit(amount, unit)];
}

function nameOf([field, { of }]: readonly [string, { readonly of: 'all' | 'each' }]): string {
  return of === 'all' ? field : `${field}.NAME`;
}

/** The lower of the two, as a warning. */
function warningOf(limit: Limit): Limit {
  const { warn = Infinity, fail = Infinity } = typeof limit === 'number' ? { fail: limit } : limit;
  return { warn: Math.min(warn, fail) };
}
