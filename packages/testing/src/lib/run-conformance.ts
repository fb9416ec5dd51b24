import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What the official suite says about one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** Not part of what the revision requires: extensions, and scenarios that the suite calls pending. */
  readonly required: boolean;
}

export interface ConformanceResult {
  readonly exitCode: number;
  readonly scenarios: readonly ScenarioResult[];
  readonly output: string;
}

/** Everything that a revision requires, as the suite has frozen it. */
export function runRequirements(url: string, revision: '2026-07-28' | '2025-11-25'): Promise<ConformanceResult> {
  return runSuite(['--url', url, '--requirements', revision]);
}

/** All scenarios that apply to a revision. */
export function runAll(url: string, revision: '2025-11-25' | '2025-06-18'): Promise<ConformanceResult> {
  return runSuite(['--url', url, '--spec-version', revision, '--suite', 'all']);
}

/** Runs the official suite against a server that is already there. No file of expected failures is given. */
async function runSuite(args: readonly string[]): Promise<ConformanceResult> {
  const cwd = await mkdtemp(join(tmpdir(), 'conformance-'));
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const program = join(dirname(manifest), 'dist/index.js');
  try {
    return await new Promise((resolve) => {
      const options = { cwd, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };
      execFile(process.execPath, [program, 'server', ...args], options, (error, stdout, stderr) => {
        const output = stdout + stderr;
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, scenarios: readScenarios(output), output });
      });
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** `✓ tools-list: 4 passed, 0 failed`, and below it the scenarios that do not count: `✗ tasks-lifecycle (extension)`. */
function readScenarios(output: string): readonly ScenarioResult[] {
  const unscored = new Set([...output.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, name]) => name));
  return [...output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)].map(([, name = '', passed, failed]) => ({
    name,
    passed: Number(passed),
    failed: Number(failed),
    required: !unscored.has(name),
  }));
}
