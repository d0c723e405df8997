import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseRecords, parseRun, recordsFile } from '../../runners/host/run-files.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { Run } from '../../suites/run.ts';
import { packageRoot } from '../cli/version.ts';

/** The real command line, as a user starts it. */
const launcher = join(packageRoot, 'bin', 'bufmatrix.js');

/** What a start of the program came to. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends what {@link startCli} has started and a test that failed has left: it would hold the board. */
export async function stopStarted(): Promise<void> {
  const left = [...started];
  for (const one of left) one.kill('SIGKILL');
  await Promise.all(left);
}

const started = new Set<ReturnType<typeof launch>>();

/** Starts bufmatrix in a folder and leaves it running. */
export function startCli(...how: Parameters<typeof launch>) {
  const running = launch(...how);
  started.add(running);
  void running.then(() => started.delete(running));
  return running;
}

function launch(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, [launcher, ...args], {
    cwd,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1', ...env },
  });
}

/** Runs bufmatrix to its end. */
export async function cli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await startCli(args, cwd, env);
  return { code: exitCode ?? -1, stdout, stderr };
}

/** A program that a failed test has left may still write there for a moment. */
const LEFT_BUSY = { recursive: true, force: true, maxRetries: 5, retryDelay: 200 };

/** An empty folder, and how to remove it. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-test-'));
  return { folder, remove: () => rmSync(folder, LEFT_BUSY) };
}

/** The folder of the only run below `results/`. */
export function onlyRun(folder: string): string {
  const names = readdirSync(join(folder, 'results'));
  if (names.length !== 1)
    throw new Error(`one run was expected, not ${names.join(', ') || 'none'}`);
  return join(folder, 'results', names[0] ?? '');
}

/** A run as it stands on disk. */
export function readRun(folder: string): { run: Run; records: CellRecord[] } {
  return { run: parseRun(folder), records: parseRecords(recordsFile(folder)).records };
}

/** How many records a run that is under way has by now. */
export function recordCount(folder: string): number {
  try {
    return readFileSync(recordsFile(folder), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
