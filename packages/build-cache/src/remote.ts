export { type ChainOptions, chainCaches } from './lib/remote/chain-caches.ts';
export {
  openRemoteTier,
  type RemoteTier,
  type RemoteTierOptions,
  type RemoteTraffic,
} from './lib/remote/open-remote-tier.ts';
export type { RemoteDescriptor, RemoteStore } from './lib/remote/remote-store.ts';
export { type PulledReport, pullEntries, pushEntries } from './lib/remote/transfer-entries.ts';
export type { SentReport } from './lib/remote/write-snapshot.ts';
