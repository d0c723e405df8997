import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError, WRITE_ERRORS } from '../../devices/problem.ts';
import type { ExperimentRecord } from '../../suites/diagnose/experiment.ts';
import { tryLock } from '../../suites/kernel/syscalls.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { Run } from '../../suites/run.ts';
import {
  experimentsFile,
  type ParsedRecords,
  parseExperiments,
  parseRecords,
  parseRun,
  recordsFile,
  runFile,
} from './run-files.ts';
import { refuseChanged, seal, sealOf, unseal } from './seal.ts';

/** `20261123T231500Z-1f3a`: sorts by time, unique enough for two runs started in one second. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/**
 * A run's folder, open for writing by this process alone. Records are appended with one write(2)
 * each, so that a killed host loses none that it had received; run.json is replaced whole.
 */
export interface Store {
  readonly folder: string;
  /** Records that were there when a run was resumed. */
  readonly earlier: readonly CellRecord[];
  readonly earlierExperiments: readonly ExperimentRecord[];
  append(record: CellRecord): void;
  /** The file is made with the first of them. */
  appendExperiment(record: ExperimentRecord): void;
  saveRun(run: Run): void;
  /** Takes back what was said of the files, before anything is written. */
  unseal(): void;
  /** Writes down what the files are, at the end of the run. */
  seal(): void;
  close(): void;
}

/** Makes a new run's folder. @throws UserError when it is there already or cannot be written. */
export function createStore(out: string, id: string): Store {
  const folder = join(out, id);
  diskSays(folder, () => {
    mkdirSync(out, { recursive: true });
    mkdirSync(folder);
  });
  return open(folder, [], []);
}

/**
 * Opens a run's folder to go on with it. A record cut in mid-line by a kill is dropped: it is run again.
 * @throws UserError also where its files are not what it has left.
 */
export function reopenStore(folder: string): {
  store: Store;
  run: Run;
  /** Whether it had come to its end, and said what its files are. */
  sealed: boolean;
} {
  // Before anything is written into a folder that holds none; what counts is what the lock protects.
  parseRun(folder);
  const lockFd = lock(folder);
  const { content, changed } = sealOf(folder);
  refuseChanged(folder, changed);
  const run = parseRun(folder);
  const sealed = content !== null;
  const path = recordsFile(folder);
  if (!existsSync(path)) return { store: open(folder, [], [], lockFd), run, sealed };
  const records = whole(path, parseRecords(path));
  const made = experimentsFile(folder);
  const experiments = whole(made, parseExperiments(made));
  return { store: open(folder, records, experiments, lockFd), run, sealed };
}

/** The file's lines, and no half of one after them any more. */
function whole<T>(path: string, { records, wholeBytes, cutBytes }: ParsedRecords<T>): readonly T[] {
  if (cutBytes > 0) {
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, wholeBytes);
    closeSync(fd);
  }
  return records;
}

/** Two runs must not write into one folder; the kernel drops the lock when we die. */
function lock(folder: string): number {
  const fd = diskSays(folder, () => openSync(join(folder, 'lock'), 'a+'));
  if (tryLock(fd)) {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
    return fd;
  }
  const holder = readFileSync(join(folder, 'lock'), 'utf8').trim();
  throw new UserError({
    code: 'run-locked',
    message: `${folder}: another bufmatrix (pid ${holder}) is writing into this run`,
    hint: 'wait for it to end, or start a new run',
  });
}

function open(
  folder: string,
  earlier: readonly CellRecord[],
  earlierExperiments: readonly ExperimentRecord[],
  held?: number,
): Store {
  const lockFd = held ?? lock(folder);
  const records = diskSays(folder, () => openSync(recordsFile(folder), 'a'));
  let experiments: number | null = null;
  return {
    folder,
    earlier,
    earlierExperiments,
    append: (record) => diskSays(folder, () => writeWhole(records, lineOf(record))),
    appendExperiment: (record) =>
      diskSays(folder, () => {
        experiments ??= openSync(experimentsFile(folder), 'a');
        writeWhole(experiments, lineOf(record));
      }),
    saveRun: (run) => diskSays(folder, () => replaceFile(runFile(folder), run)),
    unseal: () => diskSays(folder, () => unseal(folder)),
    seal: () =>
      diskSays(folder, () => {
        // The sums must not outlive a loss of power that the records do not.
        fsyncSync(records);
        if (experiments !== null) fsyncSync(experiments);
        seal(folder);
        syncFolder(folder);
      }),
    close: () => {
      closeSync(records);
      if (experiments !== null) closeSync(experiments);
      closeSync(lockFd);
    },
  };
}

const lineOf = (record: CellRecord) => Buffer.from(`${JSON.stringify(record)}\n`);

/** Appends a line, or nothing of it: on a full disk half a line would be in the way of all that follow. */
function writeWhole(fd: number, line: Buffer): void {
  const { size } = fstatSync(fd);
  try {
    for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
  } catch (error) {
    ftruncateSync(fd, size);
    throw error;
  }
}

function replaceFile(path: string, run: Run): void {
  const next = `${path}.new`;
  writeFileSync(next, `${JSON.stringify(run, null, 1)}\n`, { flush: true });
  renameSync(next, path);
  syncFolder(join(path, '..'));
}

/** Makes a rename in it last. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Turns what the disk refuses into a message; what was written before stays and can be resumed. */
export function diskSays<T>(folder: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = WRITE_ERRORS[code];
    if (why === undefined) throw error;
    throw new UserError({
      code: 'results-folder',
      message: `${folder}: ${why} (${code})`,
      hint: 'make room or name another folder with --out; a run that had begun goes on with --resume',
      cause: error,
    });
  }
}
