export { type MainOptions, main } from './lib/main.ts';
