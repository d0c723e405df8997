import { createHash } from 'node:crypto';
import { factsOf } from '../../suites/judge.ts';
import type { BoardRun } from '../model.ts';

/** The first characters of SHA-256 in hex: 64 bits, so that no two of a site's runs share a name. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const SAFE_NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/;

/**
 * A board's folder. A name that every file system and address takes is kept; of any other the
 * harmless part, with a hash of the whole, so that two boards never share a folder.
 */
export function slugOf(board: string): string {
  if (SAFE_NAME.test(board)) return board;
  const readable = board
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40);
  return `${readable || 'board'}-${shortHash(board).slice(0, 8)}`;
}

/**
 * What a frozen page is named by: a hash of what the board said in this run. How that is judged is left
 * out, so that the address stays when a later bufmatrix judges better; a run that was resumed has said
 * more and has another. The order of the records does not count.
 */
export function contentId(run: BoardRun): string {
  const facts = run.records.map((record) => JSON.stringify(factsOf(record))).sort();
  const claims = run.run ? null : [...(run.claims ?? [])];
  const { board, inventory, incomplete = null } = run;
  const { id = null, startedAt = null, harness = null } = run.run ?? {};
  return shortHash(
    JSON.stringify({ board, id, startedAt, harness, inventory, incomplete, claims, facts }),
  );
}
