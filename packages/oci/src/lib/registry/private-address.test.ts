import { describe, expect, it } from 'vitest';
import { isLoopback, isPrivateAddress } from './private-address.ts';

describe('isPrivateAddress', () => {
  it.each([
    'localhost',
    'a.localhost',
    'localhost.',
    '127.0.0.1',
    '127.8.9.10',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]',
    '[fd00::1]',
    '[fe80::1]',
    '[fec0::1]',
    new URL('http://0x7f.1/').hostname,
    new URL('http://2130706433/').hostname,
    new URL('http://[::ffff:127.0.0.1]/').hostname,
  ])('%s is private', (host) => {
    expect(isPrivateAddress(host)).toBe(true);
  });

  it.each([
    'ghcr.io',
    '8.8.8.8',
    '172.32.0.1',
    '192.169.0.1',
    '[2606:4700::1111]',
    'localhost.example',
    '127.0.0.1.example',
  ])('%s is not', (host) => {
    expect(isPrivateAddress(host)).toBe(false);
  });
});

describe('isLoopback', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['10.0.0.1', false],
    ['127.0.0.1.example', false],
    ['a.localhost', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
