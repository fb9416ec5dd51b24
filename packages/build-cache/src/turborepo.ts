export type { AccessToken, TokenRight } from './lib/turborepo/access-tokens.ts';
export type { TurborepoServerEvent } from './lib/turborepo/answers.ts';
export {
  createTurborepoServer,
  type TurborepoServer,
  type TurborepoServerOptions,
} from './lib/turborepo/create-turborepo-server.ts';
export { openTurborepoTier, type TurborepoTierOptions } from './lib/turborepo/open-turborepo-tier.ts';
