/** The formats' names, as `report --format` takes them; apart, since to load the writers takes a while. */
export const FORMAT_NAMES = [
  'terminal',
  'json',
  'markdown',
  'junit',
  'html',
  'summary',
  'mail',
  'github',
  'ktap',
  'kcidb',
  'csv',
  'records',
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** Who submits, where nobody has said: KCIDB wants `[a-z0-9_]+`. */
export const KCIDB_ORIGIN = 'bufmatrix';
