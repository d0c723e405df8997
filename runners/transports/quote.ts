/** One argument for a POSIX shell, in single quotes: nothing inside is ever interpreted. */
export function shellQuote(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('an argument cannot hold a NUL byte');
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** An argument vector as one line for a POSIX shell (ssh joins and re-parses its arguments). */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}
