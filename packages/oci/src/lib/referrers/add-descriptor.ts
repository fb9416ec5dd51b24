import { compareBytes } from '../compare-bytes.ts';
import type { Descriptor } from '../descriptor.ts';
import { REF_NAME } from '../ref-name.ts';

/** The list with one more, sorted by digest; what is in it already stays once. */
export function addDescriptor(list: readonly Descriptor[], added: Descriptor): readonly Descriptor[] {
  const others = list.filter(({ digest, annotations }) => digest !== added.digest || annotations?.[REF_NAME]);
  return [...others, added].sort((a, b) => compareBytes(a.digest, b.digest));
}
