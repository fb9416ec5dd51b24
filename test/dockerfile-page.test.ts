import { describe, expect, it } from 'vitest';
import { renderRules } from '../scripts/dockerfile-doc.ts';
import { readText } from './workspace.ts';

describe('docs/dockerfile.md', () => {
  it('has the rules as they are: run `pnpm dockerfile-doc`', () => {
    const page = readText('docs/dockerfile.md');
    expect(withoutPadding(page)).toBe(withoutPadding(renderRules(page)));
  });
});

/** The formatter aligns tables. */
function withoutPadding(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}
