import { cacheRules } from './cache-rules.ts';
import { contextRules } from './context-rules.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import { formRules } from './form-rules.ts';
import { layerRules } from './layer-rules.ts';
import { safetyRules } from './safety-rules.ts';
import { shellRules } from './shell-rules.ts';
import { sizeRules } from './size-rules.ts';
import { startRules } from './start-rules.ts';
import { styleRules } from './style-rules.ts';

const ORDER = ['cache', 'size', 'safety', 'correctness'];

/** Every rule, in the order of the documentation: cache, size, safety, correctness. */
export const dockerfileRules: readonly DockerfileRule[] = [
  ...cacheRules,
  ...layerRules,
  ...sizeRules,
  ...contextRules,
  ...safetyRules,
  ...styleRules,
  ...shellRules,
  ...startRules,
  ...formRules,
].sort((a, b) => ORDER.indexOf(a.category) - ORDER.indexOf(b.category));
