/** Text that is already HTML. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | null | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === false) return '';
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
  return typeof value === 'number' ? String(value) : value.map(render).join('');
}

/** HTML with every value escaped, unless it is HTML itself; lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, n) => text + render(values[n] ?? null)).join(''));
}

/** JSON for a `<script>`: no `<`, so nothing in it ends the element. */
export const scriptJson = (text: string): string => text.replaceAll('<', '\\u003c');

/** A value as such JSON. */
export const json = (value: unknown): Html => new Html(scriptJson(JSON.stringify(value)));
