import { z } from 'zod';
import { SUITES } from '../../suites/cell.ts';
import { safeJson } from '../sanitize.ts';
import type { BoardDigest } from './digest.ts';

/** The site's index.json: a line a board, and where its pages and files are. */
export const SiteIndex = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('bufmatrix-site'),
  suites: z.array(z.enum(SUITES)),
  boards: z.array(
    z.strictObject({
      board: z.string(),
      label: z.string(),
      /** claimed: nobody has run it, and what is counted is what its profile says. */
      basis: z.enum(['measured', 'claimed']),
      virtual: z.boolean(),
      /** Why the run that is shown is not complete; null where it is. */
      incomplete: z.string().nullable(),
      /** Cells of that run that are not as expected. */
      unexpected: z.int(),
      /** How many of its cells there are of each state. */
      states: z.record(z.string(), z.int()),
      /** The board's page, and the run that it shows, which is none of a few cells where there is another. */
      newest: z.string(),
      shown: z.string(),
      /** Newest first. Paths are relative to the site's folder. */
      runs: z.array(
        z.strictObject({
          id: z.string(),
          page: z.string(),
          json: z.string(),
          run: z.string().nullable(),
          startedAt: z.string().nullable(),
          kernel: z.string().nullable(),
        }),
      ),
    }),
  ),
});
export type SiteIndex = z.infer<typeof SiteIndex>;

/** The overview for programs. */
export function overviewJson(boards: readonly BoardDigest[]): string {
  const all = boards.map((one) => ({
    board: one.board,
    label: one.label,
    basis: one.kind === 'claims' ? ('claimed' as const) : ('measured' as const),
    virtual: one.kind === 'virtual',
    incomplete: one.incomplete,
    unexpected: one.unexpected,
    states: one.states,
    newest: `${one.folder}/index.html`,
    shown: one.newest.id,
    runs: one.runs.map(({ id, ...run }) => ({
      id,
      page: `${one.folder}/${id}.html`,
      json: `${one.folder}/${id}.json`,
      ...run,
    })),
  }));
  const index: SiteIndex = {
    schema: 1,
    kind: 'bufmatrix-site',
    suites: [...SUITES],
    boards: all,
  };
  return `${safeJson(index)}\n`;
}
