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
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_V4.addSubnet(network, bits, 'ipv4');
}

const PRIVATE_V6 = new BlockList();
for (const [network, bits] of [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // NAT64
  ['64:ff9b:1::', 48],
  ['2002::', 16], // 6to4
  ['fc00::', 7],
  ['fe80::', 9], // link-local, and site-local of old
  ['ff00::', 8],
] as const) {
  PRIVATE_V6.addSubnet(network, bits, 'ipv6');
}

/**
 * Whether a host, as `URL.hostname` gives it, is an address that no stranger may send us to: loopback, private, link-local
 * (cloud metadata), and forms that carry an IPv4 address inside IPv6. Names are not looked up, `localhost` aside.
 */
export function isPrivateAddress(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  switch (isIP(host)) {
    case 4:
      return PRIVATE_V4.check(host, 'ipv4');
    case 6:
      return PRIVATE_V6.check(host, 'ipv6');
    default:
      return false;
  }
}

/** Whether a host is this machine itself: registries there are reached over plain HTTP, as Docker does. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
