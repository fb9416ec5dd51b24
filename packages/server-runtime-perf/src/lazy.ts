export { type Lazy, lazy } from './lib/lazy.ts';
