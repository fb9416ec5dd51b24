/** Text of strangers for a terminal: what could steer it, or turn what is read around, becomes a question mark. */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '?');
}
