import { digestOf } from '@mcpgen/build-cache';

/** What goes into one layer of an image. */
export interface LayerGroup {
  /** Of the step that makes it. */
  readonly name: string;
  readonly createdBy: string;
  /** Names of the steps whose files it holds. */
  readonly holds: readonly string[];
}

/** Steps that a layer of modules holds at most, as long as there are fewer layers than `MOST_PARTS`. */
const PART_SIZE = 128;

/** Image stores take up to 127 layers; each costs a request when an image is pushed or pulled. */
const MOST_PARTS = 32;

/**
 * The layers of a server above its base, by how often they change. The modules and validators of a large server are
 * divided into parts, so that a change of one tool makes and pushes the layer that it lies in, not all of them.
 *
 * @param steps names of the steps that write the server.
 */
export function planLayers(steps: readonly string[]): readonly LayerGroup[] {
  const named = (...names: readonly string[]) => steps.filter((step) => names.includes(step));
  const modules = steps.filter((step) => /^(bundle|validator):/.test(step));
  const parts = divide(modules);
  const groups: readonly LayerGroup[] = [
    { name: 'layer:native', createdBy: 'mcpgen: packages that cannot be bundled', holds: named('native') },
    {
      name: 'layer:deps',
      createdBy: 'mcpgen: bundled packages and the server runtime',
      holds: named('deps', 'runtime'),
    },
    ...parts.map((holds, index) => ({
      name: `layer:app/${index}`,
      createdBy: `mcpgen: modules of the server, part ${index + 1} of ${parts.length}`,
      holds,
    })),
    {
      name: 'layer:app',
      createdBy: 'mcpgen: the server',
      holds: parts.length > 0 ? named('render') : [...modules, ...named('render')],
    },
  ];
  return groups.filter(({ holds }) => holds.length > 0);
}

/** Parts of about one size; none where one layer does. A step's part depends on its name and on how many there are. */
function divide(steps: readonly string[]): readonly (readonly string[])[] {
  const count = Math.min(Math.ceil(steps.length / PART_SIZE), MOST_PARTS);
  if (count <= 1) return [];
  const parts: string[][] = Array.from({ length: count }, () => []);
  for (const step of steps) parts[partOf(step, count)]?.push(step);
  return parts;
}

/** A tool's module and its validator have one last name in common, and so one part: they change together. */
function partOf(step: string, count: number): number {
  const last = step.slice(step.lastIndexOf('/') + 1);
  return Number.parseInt(digestOf(last).slice(7, 15), 16) % count;
}
