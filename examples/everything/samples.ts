/** One red pixel. */
export const RED_PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** The shortest WAV file. */
export const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

/** A form with one required text. */
export function textForm(field: string) {
  return { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] } as const;
}

/** A form with one required yes or no. */
export function confirmForm() {
  return { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } as const;
}
