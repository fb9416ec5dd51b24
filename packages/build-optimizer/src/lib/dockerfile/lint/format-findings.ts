import { dockerfileRules } from './dockerfile-rules.ts';
import type { DockerfileFinding } from './lint-dockerfile.ts';

/** `about 80 MB`, `about 9 s`. */
export function formatEstimate({ amount, unit }: NonNullable<DockerfileFinding['estimate']>): string {
  return `about ${amount} ${unit === 'seconds' ? 's' : 'MB'}`;
}

const LEVELS = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** Workflow commands of GitHub Actions: each finding shows beside its line in a pull request. */
export function githubAnnotations(file: string, findings: readonly DockerfileFinding[]): string {
  return findings
    .map(({ rule, severity, line, endLine, message, fix }) => {
      const place = `file=${property(file)},line=${line},endLine=${endLine},title=${property(rule)}`;
      return `::${LEVELS[severity]} ${place}::${data(`${message}. ${fix}`)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0, which GitHub's code scanning and editors read. */
export function sarifReport(file: string, findings: readonly DockerfileFinding[], version: string): SarifReport {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'mcpgen dockerfile lint',
            version,
            rules: dockerfileRules.map(({ id, title, reason, fix, category }) => ({
              id,
              shortDescription: { text: title },
              fullDescription: { text: reason },
              help: { text: fix },
              properties: { tags: [category] },
            })),
          },
        },
        results: findings.map(({ rule, severity, line, endLine, column, message, fix }) => ({
          ruleId: rule,
          level: severity === 'info' ? 'note' : severity,
          message: { text: `${message}. ${fix}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file) },
                region: { startLine: line, startColumn: column, endLine },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** The part of SARIF that is written here. */
export interface SarifReport {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
}

interface SarifRun {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] };
  };
  readonly results: readonly SarifResult[];
}

interface SarifText {
  readonly text: string;
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: SarifText;
  readonly fullDescription: SarifText;
  readonly help: SarifText;
  readonly properties: { readonly tags: readonly string[] };
}

interface SarifResult {
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: SarifText;
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number; readonly startColumn: number; readonly endLine: number };
    };
  }[];
}
