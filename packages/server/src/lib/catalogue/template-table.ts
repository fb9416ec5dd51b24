import { UriTemplate, type Variables } from './uri-template.ts';

/** A URI longer than this matches no template. */
const URI_LIMIT = 65_536;

/** Resource templates in their order: the first that matches wins. */
export class TemplateTable {
  readonly #templates: readonly UriTemplate[];

  constructor(sources: readonly string[]) {
    this.#templates = sources.map((source) => new UriTemplate(source));
  }

  match(uri: string): { readonly uriTemplate: string; readonly variables: Variables } | undefined {
    if (uri.length > URI_LIMIT) return undefined;
    for (const template of this.#templates) {
      const variables = template.match(uri);
      if (variables !== undefined) return { uriTemplate: template.source, variables };
    }
    return undefined;
  }
}
