import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, type Stats, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError, WRITE_ERRORS } from '../../devices/problem.ts';
import type { SiteFiles } from '../../reports/site/index.ts';

/** The list of all files that `publish` has written into a folder. */
export const MANIFEST = 'bufmatrix-site.json';

const Manifest = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('bufmatrix-site-files'),
  /** SHA-256 in hex of each file, by its path below the folder. */
  files: z.record(z.string(), z.string()),
});

/** What a publish did. */
export interface Published {
  /** Paths that were new or had changed. */
  readonly written: readonly string[];
  readonly unchanged: number;
}

/**
 * Writes a site into a folder. Only files that changed are written, none is deleted: addresses of
 * earlier publishes stay. Nothing is written at all where a file that publish has not written is in
 * the way, or a link leads out of the folder.
 * @throws UserError with every such file, and where the disk refuses.
 */
export function writeSite(folder: string, files: SiteFiles): Published {
  const known = manifestOf(folder);
  const foreign: string[] = [];
  const changed: [string, string][] = [];
  for (const [path, text] of files) {
    const there = atPath(folder, path);
    if (there === null) changed.push([path, text]);
    else if (!there.whole || !there.stats.isFile()) foreign.push(path);
    else if (read(join(folder, path)) === text) continue;
    else if (Object.hasOwn(known, path)) changed.push([path, text]);
    else foreign.push(path);
  }
  if (foreign.length) throw notOurs(folder, foreign);
  const sums = [...files].map(([path, text]) => [path, sha256(text)] as const);
  const all = new Map([...Object.entries(known), ...sums]);
  const sorted = Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = { schema: 1, kind: 'bufmatrix-site-files', files: sorted };
  // First of all: a publish that is killed must know its own files when it is started again.
  const list = `${JSON.stringify(manifest, null, 1)}\n`;
  if (changed.length || JSON.stringify(known) !== JSON.stringify(sorted))
    write(join(folder, MANIFEST), list);
  for (const [path, text] of changed) write(join(folder, path), text);
  return {
    written: changed.map(([path]) => path),
    unchanged: files.size - changed.length,
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * What is at that path. Where one of its folders is a link or a file, that one: it is in the way as well.
 */
function atPath(
  folder: string,
  path: string,
): { readonly stats: Stats; readonly whole: boolean } | null {
  const names = path.split('/');
  for (let depth = 1; depth <= names.length; depth += 1) {
    const stats = statOf(join(folder, ...names.slice(0, depth)));
    if (stats === null) return null;
    if (depth === names.length) return { stats, whole: true };
    if (!stats.isDirectory()) return { stats, whole: false };
  }
  return null;
}

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function manifestOf(folder: string): Readonly<Record<string, string>> {
  const path = join(folder, MANIFEST);
  if (statOf(path) === null) return {};
  const parsed = Manifest.safeParse(parseJson(read(path)));
  if (parsed.success) return parsed.data.files;
  throw new UserError({
    code: 'file',
    message: `${path}: this is not the list of files that publish writes`,
    hint: 'name another folder; nothing was changed in this one',
  });
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
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
