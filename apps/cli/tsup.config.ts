import { defineConfig } from 'tsup';
import { packageConfig } from '../../tsup.config.ts';

// A configuration is checked at every start, and the schema library is 75 files of which a few functions are used.
export default defineConfig(packageConfig({ noExternal: ['zod'] }));
