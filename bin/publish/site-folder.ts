import { randomUUID } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError, WRITE_ERRORS } from '../../devices/problem.ts';
import { MANIFEST, SiteManifest } from '../../reports/site/index.ts';
import { stampOf } from '../../runners/history/run-folders.ts';
import type { MadeFile } from './board-work.ts';
import { sha256 } from './sealed-file.ts';

/** What a file was when it was looked at last: its stamp, and its SHA-256 in hex. */
export type SeenFiles = Record<string, readonly [stamp: string, sum: string]>;

/** The folders of a site; what else is in its folder is of no concern. */
const FOLDERS = ['assets', 'boards', 'claims'];

/**
 * The folder of a site. Only files that changed are written, none is deleted: addresses of earlier
 * publishes stay. What publish has not written is never overwritten, and links are not followed.
 */
export class SiteFolder {
  readonly #folder: string;
  /** Listed before this publish: these may be overwritten. */
  readonly #ours: ReadonlyMap<string, string>;
  readonly #listed: Map<string, string>;
  readonly #seen: SeenFiles;
  /** Of this publish. */
  readonly #now: SeenFiles = {};
  #written = 0;
  #unchanged = 0;

  /** @param seen files as they were at an earlier publish; none is right as well, and takes longer. */
  constructor(folder: string, seen: SeenFiles) {
    this.#folder = folder;
    this.#ours = manifestOf(folder);
    this.#listed = new Map(this.#ours);
    this.#seen = seen;
  }

  get written(): number {
    return this.#written;
  }

  get unchanged(): number {
    return this.#unchanged;
  }

  /** Files of this publish, for the next one. */
  get seen(): SeenFiles {
    return this.#now;
  }

  /** Whether anything is there that publish has not written, so that it may be in the way. */
  holdsOthers(): boolean {
    const others = (path: string): boolean =>
      entriesOf(join(this.#folder, path)).some((entry) => {
        const inner = path ? `${path}/${entry.name}` : entry.name;
        if (entry.isDirectory())
          return path || FOLDERS.includes(entry.name) ? others(inner) : false;
        return inner !== MANIFEST && !(entry.isFile() && this.#ours.has(inner));
      });
    return others('');
  }

  /** @throws UserError with every file that is in the way of those, before any is written. */
  refuseOthers(sums: ReadonlyMap<string, string>): void {
    const foreign = [...sums].flatMap(([path, sum]) => (this.#isOthers(path, sum) ? path : []));
    if (foreign.length) throw notOurs(this.#folder, foreign);
  }

  /** Whether the file is there with that content. One that looks as it did then is not read again. */
  holds(path: string, sum: string): boolean {
    if (!this.#isWhole(path)) return false;
    const stamp = stampOf(join(this.#folder, path));
    const before = Object.hasOwn(this.#seen, path) ? this.#seen[path] : undefined;
    const there = before?.[0] === stamp ? before[1] : sumOf(join(this.#folder, path));
    return there === sum;
  }

  /** Counts files that are as they should be, and lists them. */
  keep(sums: ReadonlyMap<string, string>): void {
    this.#list(sums);
    this.#unchanged += sums.size;
    for (const [path, sum] of sums) this.#see(path, sum);
  }

  /**
   * Writes those of some files that changed. They are listed first: a publish that is killed must know
   * its own files when it is started again.
   * @throws UserError where something else is in the way, or the disk refuses.
   */
  write(files: readonly MadeFile[]): void {
    const sums = new Map(files.map(({ path, sum }) => [path, sum]));
    const changed = files.filter(({ path, sum }) => !this.holds(path, sum));
    this.refuseOthers(sums);
    this.#list(sums);
    for (const { path, bytes } of changed) write(join(this.#folder, path), bytes);
    for (const [path, sum] of sums) this.#see(path, sum);
    this.#written += changed.length;
    this.#unchanged += files.length - changed.length;
  }

  #see(path: string, sum: string): void {
    this.#now[path] = [stampOf(join(this.#folder, path)), sum];
  }

  #list(sums: ReadonlyMap<string, string>): void {
    const news = [...sums].filter(([path, sum]) => this.#listed.get(path) !== sum);
    if (news.length === 0) return;
    for (const [path, sum] of news) this.#listed.set(path, sum);
    const files = Object.fromEntries([...this.#listed].sort(([a], [b]) => (a < b ? -1 : 1)));
    const list: SiteManifest = { schema: 1, kind: 'bufmatrix-site-files', files };
    const path = join(this.#folder, MANIFEST);
    const fresh = `${path}.${randomUUID()}`;
    // Never half a list.
    write(fresh, `${JSON.stringify(list, null, 1)}\n`);
    renameSync(fresh, path);
  }

  /** Not listed, and of other content; a link or a file in the place of a folder in any case. */
  #isOthers(path: string, sum: string): boolean {
    if (!this.#exists(path)) return false;
    if (!this.#isWhole(path)) return true;
    return !this.#ours.has(path) && !this.holds(path, sum);
  }

  /** Something is at the path, or in the place of one of its folders. */
  #exists(path: string): boolean {
    const types = placesOf(this.#folder, path).map((place) => typeOf(place));
    const above = types.slice(0, -1);
    return types.at(-1) !== null || above.some((type) => type !== 'folder' && type !== null);
  }

  /** A file, and folders above it, none of them a link. */
  #isWhole(path: string): boolean {
    const types = placesOf(this.#folder, path).map((place) => typeOf(place));
    return types.every((type, at) => type === (at === types.length - 1 ? 'file' : 'folder'));
  }
}

/** Each of its folders, and itself. */
function placesOf(folder: string, path: string): string[] {
  const names = path.split('/');
  return names.map((_, at) => join(folder, ...names.slice(0, at + 1)));
}

/** Null also below what is no folder, which lstat(2) takes for an error of its own. */
function typeOf(path: string): 'file' | 'folder' | 'other' | null {
  const stats = statsOf(path);
  if (!stats) return null;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function sumOf(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch {
    return null;
  }
}

function manifestOf(folder: string): ReadonlyMap<string, string> {
  const path = join(folder, MANIFEST);
  if (typeOf(path) === null) return new Map();
  const parsed = SiteManifest.safeParse(parseJson(path));
  if (parsed.success) return new Map(Object.entries(parsed.data.files));
  throw new UserError({
    code: 'file',
    message: `${path}: this is not the list of files that publish writes`,
    hint: 'name another folder; nothing was changed in this one',
  });
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function write(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new UserError({
      code: 'file',
      message: `${path}: the file cannot be written: ${WRITE_ERRORS[code] ?? code}`,
      hint: 'mend that, and publish again: what was written is known and is gone on with',
      cause,
    });
  }
}

function notOurs(folder: string, paths: readonly string[]): UserError {
  const named = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new UserError({
    code: 'file',
    message: `${folder} holds what publish has not written (it is not in ${MANIFEST}): ${named}${more}`,
    hint: 'name an empty folder, or move these away; nothing was changed',
  });
}
