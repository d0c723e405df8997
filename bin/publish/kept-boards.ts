import { join, resolve } from 'node:path';
import { z } from 'zod';
import { BoardDigest, BoardPolicies } from '../../reports/site/index.ts';
import { cacheFolder } from '../../runners/host/cache.ts';
import { codeVersion } from '../cli/code-version.ts';
import type { BoardWork, MadeBoard } from './board-work.ts';
import { readSealed, sha256, writeSealed } from './sealed-file.ts';

/** What is kept of a board from one publish to the next: no text of its files. */
const KeptBoard = z.strictObject({
  /** SHA-256 in hex of its files, by their path. */
  sums: z.record(z.string(), z.string()),
  digest: BoardDigest,
  policies: BoardPolicies.nullable(),
  troubles: z.array(z.string()),
});
export type KeptBoard = z.infer<typeof KeptBoard>;

/** All that a board's files are made by. */
const SOURCES = ['suites', 'devices', 'policies', 'reports', 'runners/host', 'bin'];

/** What was kept of boards, as long as their runs, the options and the code are the same. */
export class KeptBoards {
  readonly #version = codeVersion(SOURCES);
  readonly #out: string;

  /** @param out the folder of runs: boards of the same name in two of them are kept apart. */
  constructor(out: string) {
    this.#out = resolve(out);
  }

  read(work: BoardWork): KeptBoard | null {
    const { file, key } = this.#placeOf(work);
    return readSealed(file, key, KeptBoard);
  }

  write(work: BoardWork, { files, digest, policies, troubles }: MadeBoard): KeptBoard {
    const sums = Object.fromEntries(files.map(({ path, sum }) => [path, sum]));
    const kept = { sums, digest, policies, troubles: [...troubles] };
    const { file, key } = this.#placeOf(work);
    writeSealed(file, key, kept);
    return kept;
  }

  /** One file for a board and the options: of runs that have changed, the newest are kept alone. */
  #placeOf(work: BoardWork): { file: string; key: string } {
    const { runs, standIns, ...options } = work;
    const name = sha256(JSON.stringify([this.#out, options])).slice(0, 32);
    const file = join(cacheFolder(), 'publish', 'boards', name);
    return { file, key: sha256(this.#version + JSON.stringify(work)) };
  }
}
