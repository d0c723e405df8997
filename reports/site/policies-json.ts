import { z } from 'zod';
import type { Verdict } from '../../policies/verdict.ts';
import { VERDICTS } from '../../policies/walk.ts';
import { safeJson } from '../sanitize.ts';
import type { BoardDigest } from './digest.ts';

/** What policies come to on one board, in short. */
const PoliciesOfBoard = z.strictObject({
  board: z.string(),
  /** claimed: nobody has run it, and its verdicts are what its profile's sources claim. */
  basis: z.enum(['measured', 'claimed']),
  virtual: z.boolean(),
  /** Where the verdicts stand with their proofs, relative to the site's folder. */
  json: z.string(),
  /** By policy, then by use case; null where the board has no such device, or nothing is claimed. */
  verdicts: z.record(z.string(), z.record(z.string(), z.enum(VERDICTS).nullable())),
});

/** The site's policies.json: a line a board. */
export const SitePolicies = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('bufmatrix-site-policies'),
  boards: z.array(PoliciesOfBoard),
});
export type SitePolicies = z.infer<typeof SitePolicies>;

/** A board's line. `verdicts` are all of one board. */
export function policiesLine(
  verdicts: readonly Verdict[],
  { folder }: Pick<BoardDigest, 'folder'>,
): string | null {
  const [first] = verdicts;
  if (!first) return null;
  const { board, basis, virtual } = first;
  const said = (one: Verdict) => {
    const verdict = basis === 'claimed' ? (one.claimed?.verdict ?? null) : one.verdict;
    return [one.useCase, one.applies ? verdict : null] as const;
  };
  const rows = [...Map.groupBy(verdicts, ({ policy }) => policy)].map(
    ([policy, all]) => [policy, Object.fromEntries(all.map(said))] as const,
  );
  const line: z.infer<typeof PoliciesOfBoard> = {
    board,
    basis,
    virtual,
    json: verdictsPath(folder),
    verdicts: Object.fromEntries(rows),
  };
  return safeJson(line);
}

/** Where a board's verdicts are: apart, so that a run of one board does not rewrite those of all. */
export const verdictsPath = (folder: string): string => `${folder}/policies.json`;

/** @param lines of boards, each a JSON text. */
export const policiesJson = (lines: readonly string[]): string =>
  `{"schema":1,"kind":"bufmatrix-site-policies","boards":[\n${lines.join(',\n')}\n]}\n`;
