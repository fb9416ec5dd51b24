import { type DockerfileFinding, formatEstimate } from '@mcpgen/build-optimizer/dockerfile';
import type { Output } from '../context.ts';
import { paint } from '../report/style.ts';

const COLORS = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

/** What was found, for people: place, rule and cost, then what, why and what to do. */
export function formatFindings(output: Output, file: string, findings: readonly DockerfileFinding[]): string {
  return findings
    .map((finding) => {
      const { rule, severity, line, message, reason, fix, fixable, estimate } = finding;
      const cost = estimate === undefined ? '' : `, ${formatEstimate(estimate)}`;
      const head = `${file}:${line} ${paint(output, COLORS[severity], severity)} ${rule}${cost}${fixable ? ' (--fix)' : ''}`;
      const basis = estimate === undefined ? [] : [`  ${paint(output, 'dim', `known from: ${estimate.basis}`)}`];
      return [head, `  ${message}. ${reason}`, `  ${paint(output, 'cyan', 'try')} ${fix}`, ...basis, '\n'].join('\n');
    })
    .join('');
}
