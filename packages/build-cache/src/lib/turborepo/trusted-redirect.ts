import { BlockList, isIP } from 'node:net';

// Two lists: one list takes every IPv4 address for the IPv4-mapped range of IPv6.
const PRIVATE_V4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_V4.addSubnet(network, bits, 'ipv4');
}

const PRIVATE_V6 = new BlockList();
for (const [network, bits] of [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // NAT64
  ['2002::', 16], // 6to4
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const) {
  PRIVATE_V6.addSubnet(network, bits, 'ipv6');
}

/**
 * Where a server may send its clients: never from https to http, and never to a private address unless it has one itself,
 * so that a stranger's answer reaches no service of this network. `undefined` where it may not.
 */
export function trustedRedirect(location: string, from: URL, root: URL): URL | undefined {
  const target = URL.parse(location, from.href);
  if (target === null || target.username !== '' || target.password !== '') return undefined;
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && root.protocol === 'http:')) return undefined;
  if (isPrivate(target.hostname) && !isPrivate(root.hostname)) return undefined;
  return target;
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const version = isIP(host);
  if (version === 4) return PRIVATE_V4.check(host, 'ipv4');
  return version === 6 && PRIVATE_V6.check(host, 'ipv6');
}
