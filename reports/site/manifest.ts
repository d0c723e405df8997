import { z } from 'zod';

/** The list of all files that `publish` has written into a folder. */
export const MANIFEST = 'bufmatrix-site.json';

export const SiteManifest = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('bufmatrix-site-files'),
  /** SHA-256 in hex of each file, by its path below the folder. */
  files: z.record(z.string(), z.string()),
});
export type SiteManifest = z.infer<typeof SiteManifest>;
