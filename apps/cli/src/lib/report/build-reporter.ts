import type { StepReport } from '@mcpgen/build-optimizer';
import type { BuildNotice } from '../build/build-request.ts';
import type { Output } from '../context.ts';
import { formatBytes, formatDuration } from './format.ts';
import { paint } from './style.ts';

/** Shows a build while it goes on. */
export interface BuildReporter {
  onEvent(event: BuildNotice): void;
  /** Takes away what was only meant to be seen meanwhile. */
  close(): void;
}

/** For `--json`: nothing but warnings, on stderr. */
export function quietReporter(output: Output): BuildReporter {
  return {
    onEvent: (event) => {
      if (event.type === 'warning') writeWarning(output, event.message);
    },
    close: () => undefined,
  };
}

/** For pipes and logs: a line for each step that did something. */
export function plainReporter(output: Output): BuildReporter {
  let sending = false;
  return {
    onEvent: (event) => {
      if (event.type === 'sending' && !sending) {
        sending = true;
        output.write(`Sending results to ${event.to}\n`);
      }
      if (event.type === 'finished' && event.report.outcome !== 'fresh')
        output.write(`${stepLine(output, event.report)}\n`);
      if (event.type === 'warning') writeWarning(output, event.message);
    },
    close: () => undefined,
  };
}

/** For terminals: one line that says what is being done, replaced as the build goes on. */
export function liveReporter(output: Output): BuildReporter {
  const running = new Set<string>();
  let planned = 0;
  let finished = 0;
  let sending = '';
  let drawn = 0;
  const draw = (): void => {
    const names = [...running].join(', ');
    const text = sending === '' ? `${finished}/${planned} ${names}` : sending;
    const line = text.slice(0, Math.max(10, output.columns - 1));
    output.write(`\r\u001b[K${paint(output, 'dim', line)}`);
    drawn = performance.now();
  };
  const erase = (): void => output.write('\r\u001b[K');
  return {
    onEvent: (event) => {
      switch (event.type) {
        case 'planned':
          planned = event.steps;
          break;
        case 'started':
          running.add(event.step);
          break;
        case 'finished':
          running.delete(event.report.name);
          finished++;
          break;
        case 'failed':
          running.delete(event.step);
          break;
        case 'warning':
          erase();
          writeWarning(output, event.message);
          break;
        case 'sending':
          sending = `sending results to ${event.to}: ${formatBytes(event.bytes)}`;
          break;
        default:
          unreachable(event);
      }
      // A terminal shows no more than this, and a build of thousands of steps must not wait for it.
      if (performance.now() - drawn > 33) draw();
    },
    close: erase,
  };
}

function stepLine(output: Output, { name, outcome, reason, duration }: StepReport): string {
  const verb = outcome === 'ran' ? paint(output, 'yellow', 'ran     ') : paint(output, 'green', 'restored');
  return `${verb} ${name} ${paint(output, 'dim', `${formatDuration(duration)} (${reason})`)}`;
}

function writeWarning(output: Output, message: string): void {
  output.write(`${paint(output, 'yellow', 'warning')} ${message}\n`);
}

function unreachable(event: never): never {
  throw new TypeError(`Unknown event: ${JSON.stringify(event)}`);
}
