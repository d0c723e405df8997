import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Profile } from '../../devices/profile.ts';
import { frontFiles } from '../../reports/site/index.ts';
import { cacheFolder } from '../../runners/host/cache.ts';
import { type BoardWork, type MadeFile, madeFile } from './board-work.ts';
import { type KeptBoard, KeptBoards } from './kept-boards.ts';
import { planWork, type SiteOptions } from './plan.ts';
import { runHeads } from './run-heads.ts';
import { readSealed, sha256, writeSealed } from './sealed-file.ts';
import { type SeenFiles, SiteFolder } from './site-folder.ts';
import { lockSite } from './site-lock.ts';
import { makeBoards, threadsFor } from './threads.ts';

/** What a publish did. */
export interface Published {
  /** How many files were new or had changed. */
  readonly written: number;
  readonly unchanged: number;
  /** What is wrong with files of runs, in words. */
  readonly troubles: readonly string[];
}

const Seen = z.record(z.string(), z.tuple([z.string(), z.string()]));

/** The boards of a site, and what is known of each: kept from an earlier publish, or made by this one. */
interface Boards {
  readonly works: readonly BoardWork[];
  readonly known: ReadonlyMap<BoardWork, KeptBoard>;
  readonly make: (
    some: readonly BoardWork[],
    take: (files: readonly MadeFile[]) => void,
  ) => Promise<void>;
}

/**
 * Writes the site of some runs. A board whose runs, options and code are as they were is not made
 * again, unless one of its files is missing or was changed by somebody.
 * @param folders of runs.
 * @param out the folder that they are in, under which what is known of them is kept.
 * @throws UserError of what is in the way: then nothing is written; and of a broken run: then boards
 * that came before it may be, each whole, and the front pages are as they were.
 */
export async function publish(
  site: string,
  folders: readonly string[],
  claims: readonly Profile[],
  { out, ...options }: SiteOptions & { readonly out: string },
  threads = threadsFor,
): Promise<Published> {
  const seenFile = keptFile('sites', site);
  const release = lockSite(`${seenFile}.lock`, site);
  try {
    const heads = runHeads([...folders].sort(), keptFile('runs', resolve(out)));
    const boards = boardsOf(planWork(heads, claims, options), new KeptBoards(out), threads);
    return await publishBoards(site, seenFile, boards);
  } finally {
    release();
  }
}

async function publishBoards(site: string, seenFile: string, boards: Boards): Promise<Published> {
  const folder = new SiteFolder(site, readSealed<SeenFiles>(seenFile, '', Seen) ?? {});
  if (folder.holdsOthers()) await refuseOthers(folder, boards);
  await writeBoards(folder, boards);
  folder.write(frontOf(boards));
  writeSealed(seenFile, '', folder.seen);
  const troubles = [...boards.known.values()].flatMap((one) => one.troubles);
  return { written: folder.written, unchanged: folder.unchanged, troubles };
}

function boardsOf(
  works: readonly BoardWork[],
  store: KeptBoards,
  threads: typeof threadsFor,
): Boards {
  const known = new Map<BoardWork, KeptBoard>();
  for (const work of works) {
    const kept = store.read(work);
    if (kept) known.set(work, kept);
  }
  const make: Boards['make'] = (some, take) =>
    makeBoards(some, threads(some), (work, made) => {
      take(made.files);
      known.set(work, store.write(work, made));
    });
  return { works, known, make };
}

/** Whether what is there is in the way shows only when all paths are known. */
async function refuseOthers(folder: SiteFolder, boards: Boards): Promise<void> {
  const { works, known, make } = boards;
  await make(
    works.filter((work) => !known.has(work)),
    () => {},
  );
  const sums = [...known.values()].flatMap((kept) => Object.entries(kept.sums));
  const front = frontOf(boards).map(({ path, sum }): [string, string] => [path, sum]);
  folder.refuseOthers(new Map([...sums, ...front]));
}

async function writeBoards(folder: SiteFolder, { works, known, make }: Boards): Promise<void> {
  const stale = works.filter((work) => {
    const sums = known.get(work)?.sums;
    if (!sums || !Object.entries(sums).every(([path, sum]) => folder.holds(path, sum))) return true;
    folder.keep(new Map(Object.entries(sums)));
    return false;
  });
  await make(stale, (files) => folder.write(files));
}

const frontOf = ({ known }: Boards): MadeFile[] =>
  [...frontFiles([...known.values()])].map(([path, text]) => madeFile(path, text));

/** Where something about a folder is kept. */
function keptFile(kind: string, folder: string): string {
  return join(cacheFolder(), 'publish', kind, sha256(realOf(folder)).slice(0, 32));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realOf(above), path.slice(above.length));
  }
}
