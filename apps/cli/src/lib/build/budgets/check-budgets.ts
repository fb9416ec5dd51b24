import { checkBudget, type OverBudget, type SizeRecord, type SpanRecord } from '@mcpgen/build-metrics';
import { formatBytes, formatDuration } from '../../report/format.ts';
import type { BudgetSettings } from './budget-settings.ts';

/** What a build took, as far as there are budgets for it. Milliseconds and bytes. */
export interface BuildCosts {
  readonly duration: number;
  readonly steps: readonly SpanRecord[];
  readonly image: SizeRecord | undefined;
  readonly server: SizeRecord | undefined;
  readonly serverStart?: number;
}

/** A budget that was passed, by its name in the configuration: `layers.app`. */
export interface PassedBudget extends OverBudget {
  /** A sentence for people. */
  readonly message: string;
}

/** Which budgets a build passed, and by how much. */
export function checkBudgets(settings: BudgetSettings, costs: BuildCosts): readonly PassedBudget[] {
  const { serverStart: startLimit, ...budget } = settings;
  const { duration, image, server, serverStart } = costs;
  const sizes = [...sizesOf('imageSize', 'layers', image), ...sizesOf('serverSize', 'tools', server)];
  const passed = checkBudget({ duration, spans: costs.steps, sizes }, budget);
  const started =
    serverStart === undefined || startLimit === undefined
      ? []
      : checkBudget({ duration: serverStart, spans: [] }, { duration: startLimit });
  return [...passed.map((over) => named(over, budgetName(over))), ...started.map((over) => named(over, 'serverStart'))];
}

/** What the size has a budget for as a whole, and what each of its parts. */
function sizesOf(whole: string, part: string, size: SizeRecord | undefined): readonly SizeRecord[] {
  if (size === undefined) return [];
  const { bytes, parts = [] } = size;
  return [
    { name: whole, bytes },
    { name: part, bytes, parts: parts.map(({ name, bytes }) => ({ name, bytes })) },
  ];
}

function budgetName({ name, unit }: OverBudget): string {
  if (unit === 'ms') return name === 'duration' ? 'buildTime' : `steps.${name}`;
  return name.replace('/', '.');
}

function named(over: OverBudget, name: string): PassedBudget {
  const format = over.unit === 'ms' ? formatDuration : formatBytes;
  return { ...over, name, message: `${name} is ${format(over.found)}: more than its budget of ${format(over.limit)}` };
}
