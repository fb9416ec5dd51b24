/** Markup in which whatever came from elsewhere is escaped. */
export interface SafeHtml {
  readonly text: string;
}

/** Makes markup; values are escaped unless they are markup themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | SafeHtml)[]): SafeHtml {
  const text = parts.map((part, at) => {
    const value = values[at];
    return value === undefined ? part : part + (typeof value === 'string' ? escapeHtml(value) : value.text);
  });
  return { text: text.join('') };
}

export function joinHtml(items: readonly SafeHtml[]): SafeHtml {
  return { text: items.map(({ text }) => text).join('') };
}

/** The package's own files only: nothing is escaped. */
export function rawHtml(text: string): SafeHtml {
  return { text };
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
