import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { lock } from './flock.ts';
import type { Progress } from './progress.ts';
import { writeWhole } from './whole-file.ts';

/** `$XDG_CACHE_HOME/bufmatrix`, where all that can be made again is kept. */
export function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg?.startsWith('/') ? xdg : join(homedir(), '.cache'), 'bufmatrix');
}

/** A short name for a set of inputs: the same inputs, the same name. */
export function keyOf(inputs: unknown): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}

/** How a cached folder is made. */
export interface Recipe {
  /** A folder below the cache: `kernel`, `rootfs` ... */
  readonly kind: string;
  /** All that the result depends on. */
  readonly inputs: unknown;
  /** For progress and errors. */
  readonly what: string;
  /** Fills the empty folder `into`. What it prints goes to `log`. */
  readonly make: (into: string, log: string) => Promise<void>;
}

const folderOf = ({ kind, inputs }: Pick<Recipe, 'kind' | 'inputs'>): string =>
  join(cacheFolder(), kind, keyOf(inputs));

/** Whether the folder for a recipe is there. */
export const isCached = (recipe: Pick<Recipe, 'kind' | 'inputs'>): boolean =>
  existsSync(folderOf(recipe));

/**
 * The cached folder for a recipe, made now if it is not there. A folder is there whole or not at
 * all: it is made under another name, written to the disk, and renamed. Of two processes that want
 * the same folder the second waits for the first.
 */
export async function cached(recipe: Recipe, progress: Progress): Promise<string> {
  const key = keyOf(recipe.inputs);
  const folder = folderOf(recipe);
  if (existsSync(folder)) return folder;
  const log = join(cacheFolder(), 'logs', `${recipe.kind}-${key}.log`);
  const unlock = await lock(join(cacheFolder(), 'locks', `${recipe.kind}-${key}`), () =>
    progress({ step: `${recipe.what}: another process makes it, waiting` }),
  );
  try {
    if (existsSync(folder)) return folder;
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    await mkdir(dirname(log), { recursive: true });
    await writeFile(log, '');
    await recipe.make(part, log);
    await writeFile(join(part, 'inputs.json'), `${JSON.stringify(recipe.inputs, null, 2)}\n`);
    await run(['sync', '--file-system', part]);
    await rename(part, folder);
    return folder;
  } finally {
    await unlock();
  }
}

/** A question whose answer is kept in the cache, such as which version Debian has. */
export interface Question<Answer> {
  /** The kept file's name. */
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  readonly isAnswer: (value: unknown) => value is Answer;
  /** Whether an earlier answer will do; else it is asked again. */
  readonly stillGood?: (answer: Answer) => boolean | Promise<boolean>;
}

/** The kept answer, or one that is asked for now. A file that is no answer is asked for again. */
export async function remembered<Answer>(question: Question<Answer>): Promise<Answer> {
  const { name, ask, isAnswer, stillGood = () => true } = question;
  const file = join(cacheFolder(), 'answers', `${name}.json`);
  if (existsSync(file)) {
    const value = parsed(await readFile(file, 'utf8'));
    if (isAnswer(value) && (await stillGood(value))) return value;
  }
  const answer = await ask();
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, JSON.stringify(answer));
  return answer;
}

/** The value of a JSON text; undefined for one that a full disk or a dying machine has cut. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
