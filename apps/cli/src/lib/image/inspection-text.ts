import type { LayerFile } from '@mcpgen/oci';
import type { InspectedImage, InspectedLayer, Inspection } from '../commands/image-inspect.ts';
import { cleanText } from '../report/clean-text.ts';
import { formatBytes, formatTable } from '../report/format.ts';
import { layerTitle } from './layer-contents.ts';

/** An inspection for people. All text of the image is cleaned: it may be anybody's. */
export function inspectionText(inspection: Inspection): string {
  const { digest, mediaType, images, referrers } = inspection;
  const head = [
    ['digest', digest],
    ['type', mediaType],
    ...(images.length > 1 ? [['images', images.map(({ platform }) => platform).join(', ')]] : []),
  ];
  const documents = referrers.map(({ artifactType = '', size, digest: own }) => [
    cleanText(artifactType),
    formatBytes(size),
    own,
  ]);
  const parts = [
    formatTable(head),
    ...images.map(imageText),
    ...(documents.length > 0 ? [`referrers\n${indent(formatTable(documents, new Set([1])))}`] : []),
  ];
  return parts.join('\n\n');
}

function imageText(image: InspectedImage): string {
  const { config, annotations, layers } = image;
  const rows = [
    ['digest', image.digest],
    ['size', formatBytes(image.size)],
    ['created', image.created ?? 'not told'],
    ['command', [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])].join(' ')],
    ['user', config.User ?? 'root'],
    ['directory', config.WorkingDir ?? '/'],
    ['ports', Object.keys(config.ExposedPorts ?? {}).join(', ')],
  ].flatMap(([name = '', value = '']) => (value === '' ? [] : [[name, cleanText(value)]]));
  const lists = [
    ['environment', (config.Env ?? []).map(cleanText)],
    ['labels', pairs(config.Labels ?? {})],
    ['annotations', pairs(annotations)],
    ['layers', layerLines(layers)],
  ] as const;
  const shown = lists.flatMap(([title, lines]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)],
  );
  return [image.platform, indent(formatTable(rows)), indent(shown.join('\n'))].join('\n');
}

function layerLines(layers: readonly InspectedLayer[]): readonly string[] {
  const rows = layers.map((layer) => [
    formatBytes(layer.size),
    cleanText(layerTitle(layer)),
    cleanText(contentsText(layer)),
  ]);
  const lines = formatTable(rows, new Set([0])).split('\n');
  return layers.flatMap(({ files = [] }, position) => [lines[position] ?? '', ...files.map(fileLine)]);
}

function fileLine({ kind, path, size, target }: LayerFile): string {
  const left = kind === 'file' ? formatBytes(size) : kind;
  return cleanText(`    ${left.padStart(9)}  ${path}${target === undefined ? '' : ` -> ${target}`}`);
}

function contentsText({ contents, files }: InspectedLayer): string {
  if (contents === undefined) return '';
  const { files: count, links, removed, unpacked, largest } = contents;
  const numbers = [
    `${count} ${count === 1 ? 'file' : 'files'}`,
    ...(links > 0 ? [`${links} links`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
    formatBytes(unpacked),
  ].join(', ');
  if (files !== undefined || largest.length === 0) return numbers;
  return `${numbers}: ${largest.map(({ path, size }) => `${path} ${formatBytes(size)}`).join(', ')}`;
}

function pairs(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => cleanText(`${name}=${String(value)}`));
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
