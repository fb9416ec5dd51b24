import { defineConfig } from 'mcpgen';
import { describe, expect, it } from 'vitest';

describe('the package mcpgen', () => {
  it('gives configuration files their types, and nothing else', async () => {
    const config = { name: 'demo', server: { path: '/mcp' } } as const;
    expect(defineConfig(config)).toBe(config);
    expect(Object.keys(await import('mcpgen'))).toEqual(['defineConfig']);
  });
});
