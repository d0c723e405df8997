import { stripVTControlCharacters } from 'node:util';

// Controls (C0, DEL, C1), line separators, and the marks that reorder or hide text.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/**
 * Text from a board (kernel log, names, stderr) as one line that no terminal, XML reader or browser
 * acts upon: escape sequences go, other controls become visible as `\x07`, tabs and line ends a blank.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text.replace(/\r?\n|[\t\r]/g, ' '))
    .toWellFormed()
    .replace(UNSAFE, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    });
}

/** Whether JSON holds only strings that `oneLine` would leave as they are: no such character, and no escape. */
export const isPlainJson = (text: string): boolean =>
  text.search(UNSAFE) < 0 &&
  // A backslash of the text itself comes doubled.
  (!/\\[^"]/.test(text) || !/\\[^"]/.test(text.replaceAll('\\\\', '')));

/** One argument as a POSIX shell reads it back. */
export function shellQuote(argument: string): string {
  const text = oneLine(argument);
  return /^[A-Za-z0-9_/:.,=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The same for JSON text of several lines, which stays as it is laid out. */
export function safeJsonText(text: string): string {
  return text.replace(UNSAFE, (char) =>
    char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON on one line in which no character of a board's acts upon a terminal: the same value is read back. */
export function safeJson(value: unknown): string {
  // JSON itself escapes the C0 controls and lone surrogates, and leaves the others.
  return JSON.stringify(value).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
