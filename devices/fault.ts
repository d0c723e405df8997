/** Something that the schema cannot see: a path into the file, what is wrong, and what to do. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  readonly hint: string;
}

/** A fault in one line. */
export const fault = (path: readonly PropertyKey[], what: string, hint: string): Fault => ({
  path,
  what,
  hint,
});
