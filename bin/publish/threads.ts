import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { errorOf, type Problem, type UserErrorCode } from '../../devices/problem.ts';
import { threadFile } from '../cli/thread-file.ts';
import { type BoardWork, type MadeBoard, makeBoard } from './board-work.ts';

/** What a thread says of a board. */
export type Answer =
  | { readonly kind: 'made'; readonly made: MadeBoard }
  | {
      readonly kind: 'refused';
      readonly code: UserErrorCode;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'broken'; readonly text: string };

const WORKER = threadFile('bin/publish/worker.ts', 'publish-worker.js');

/** Runs for which a thread is worth its start. */
const RUNS_A_THREAD = 20;

/** As many as this machine has processors, where there is enough to do. */
export function threadsFor(works: readonly BoardWork[]): number {
  const runs = works.reduce((sum, work) => sum + work.runs.length, 0);
  return Math.min(availableParallelism(), works.length, Math.floor(runs / RUNS_A_THREAD));
}

/**
 * Makes boards, and hands each over as it comes, in any order. A thread gets the next one when the last
 * has been taken, so that there are never more in memory than threads.
 * @throws UserError of the first board that cannot be made.
 */
export async function makeBoards(
  works: readonly BoardWork[],
  threads: number,
  take: (work: BoardWork, made: MadeBoard) => void,
): Promise<void> {
  if (threads < 2) {
    for (const work of works) take(work, makeBoard(work));
    return;
  }
  const queue = works.values();
  const workers = Array.from({ length: threads }, () => new Worker(WORKER));
  try {
    // One iterator for all: each takes what nobody has.
    await Promise.all(workers.map((worker) => serve(worker, queue, take)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function serve(
  worker: Worker,
  queue: Iterable<BoardWork>,
  take: (work: BoardWork, made: MadeBoard) => void,
): Promise<void> {
  for (const work of queue) {
    const answer = await ask(worker, work);
    if (answer.kind === 'refused') throw errorOf(answer.code, answer.problems);
    if (answer.kind === 'broken') throw new Error(answer.text);
    take(work, answer.made);
  }
}

const ask = (worker: Worker, work: BoardWork): Promise<Answer> =>
  new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with exit code ${code}`)));
    worker.postMessage(work);
  });
