/** The formats' names, as `report --format` takes them; apart, since to load the writers takes a while. */
export const FORMAT_NAMES = ['terminal', 'json', 'markdown', 'junit', 'html'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
