import { Document } from 'yaml';

/** A value as a YAML document. @param about the comment at its top, line by line. */
export function yamlText(value: unknown, about: readonly string[]): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  document.commentBefore = about.map((line) => (line ? ` ${line}` : '')).join('\n');
  return document.toString({ lineWidth: 0 });
}
