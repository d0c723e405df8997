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
import { makeBoards, threadsFor } from './threads.ts';

/** What a publish did. */
export interface Published {
  /** How many files were new or had changed. */
  readonly written: number;
  readonly unchanged: number;
  /** A record of some run was cut by a kill. */
  readonly cut: boolean;
}

const Seen = z.record(z.string(), z.tuple([z.string(), z.string()]));

/**
 * Writes the site of some runs. A board whose runs, options and code are as they were is not made
 * again, unless one of its files is missing or was changed by somebody.
 * @param folders of runs.
 * @throws UserError of a broken run, and of what is in the way: then nothing is written.
 */
export async function publish(
  site: string,
  folders: readonly string[],
  claims: readonly Profile[],
  options: SiteOptions,
  threads = threadsFor,
): Promise<Published> {
  const [headsFile, seenFile] = [keptFile('runs', resolve(options.out)), keptFile('sites', site)];
  const works = planWork(runHeads([...folders].sort(), headsFile), claims, options);
  const folder = new SiteFolder(site, readSealed<SeenFiles>(seenFile, '', Seen) ?? {});
  const store = new KeptBoards();
  const kept = new Map<BoardWork, KeptBoard>();
  for (const work of works) {
    const before = store.read(work);
    if (before) kept.set(work, before);
  }
  const make = (some: readonly BoardWork[], take: (files: readonly MadeFile[]) => void) =>
    makeBoards(some, threads(some), (work, made) => {
      take(made.files);
      kept.set(work, store.write(work, made));
    });
  if (folder.holdsOthers()) {
    // Whether it is in the way shows only when all paths are known.
    await make(
      works.filter((work) => !kept.has(work)),
      () => {},
    );
    folder.refuseOthers(new Map([...kept.values()].flatMap(({ sums }) => Object.entries(sums))));
    folder.refuseOthers(new Map(frontOf(kept).map(({ path, sum }) => [path, sum])));
  }
  const missing = works.filter((work) => !isThere(folder, kept.get(work)));
  for (const [work, { sums }] of kept)
    if (!missing.includes(work)) folder.keep(new Map(Object.entries(sums)));
  await make(missing, (files) => folder.write(files));
  folder.write(frontOf(kept));
  writeSealed(seenFile, '', folder.seen);
  const cut = [...kept.values()].some((one) => one.cut);
  return { written: folder.written, unchanged: folder.unchanged, cut };
}

const isThere = (folder: SiteFolder, kept: KeptBoard | undefined): boolean =>
  kept !== undefined && Object.entries(kept.sums).every(([path, sum]) => folder.holds(path, sum));

const frontOf = (kept: ReadonlyMap<BoardWork, KeptBoard>): MadeFile[] =>
  [...frontFiles([...kept.values()])].map(([path, text]) => madeFile(path, text));

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
