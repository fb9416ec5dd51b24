export type {
  BuildConfig,
  CacheConfig,
  Config,
  ImageConfig,
  ResultCacheConfig,
  ServerConfig,
} from './lib/config/config.ts';
export { defineConfig } from './lib/config/config.ts';
