import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { BoardTally } from '../../reports/gate/tally.ts';
import { type ByteRange, lineRanges } from '../../runners/host/each-line.ts';
import { eachRecord } from '../../runners/host/lean-records.ts';
import type { Answer, Share } from './count-thread.ts';
import { threadFile } from './thread-file.ts';

/** What was counted, by board, and bytes of a line that was cut by a kill. */
export interface Counted {
  readonly tallies: ReadonlyMap<string, BoardTally>;
  readonly cut: number;
}

/** Bytes for which another thread is worth its start: about half a second of reading. */
const SHARE = 64 << 20;

/** More do not read faster than the results of all are put together, and each takes memory. */
const THREADS = 4;

/** How records are counted; it changes nothing of what they come to. */
interface Counting {
  readonly threads?: number;
  readonly meanwhile?: () => void;
}

const threadsFor = (path: string) =>
  Math.max(1, Math.min(THREADS, availableParallelism(), Math.floor(statSync(path).size / SHARE)));

/**
 * Counts all of records.ndjson, in several threads where it is large. Where anything is wrong with
 * it in a thread, or between two of them, all is counted again in one, which knows the line.
 * @param empty tallies of the run's boards; records of others are not counted.
 * @param meanwhile is called once, while other threads count where there are any: they are slower to
 *   come to an end, as their answers have to be carried over.
 * @throws UserError with file:line of a foreign line, the first one.
 */
export function countRecords(
  path: string,
  empty: () => ReadonlyMap<string, BoardTally>,
  { threads = threadsFor(path), meanwhile = () => {} }: Counting = {},
): Counted {
  const shared = threads > 1 ? countShared(path, empty(), threads, meanwhile) : null;
  if (threads === 1) meanwhile();
  return shared ?? countAlone(path, empty());
}

function countAlone(path: string, tallies: Counted['tallies'], range?: ByteRange): Counted {
  const add = (record: Parameters<BoardTally['add']>[0]) =>
    tallies.get(record.board)?.add(record) ?? true;
  return { tallies, cut: eachRecord(path, add, range) };
}

/** Null where something is wrong, or a thread came to nothing. */
export function countShared(
  path: string,
  tallies: Counted['tallies'],
  threads: number,
  meanwhile: () => void = () => {},
): Counted | null {
  const [own, ...others] = lineRanges(path, threads);
  const helpers = others.map((range) => startThread(path, range));
  meanwhile();
  const started = performance.now();
  try {
    let { cut } = countAlone(path, tallies, own);
    // A share of the same size that takes so much longer was given up, whatever the reason.
    const patience = 10_000 + 10 * (performance.now() - started);
    for (const { answer } of helpers) {
      const counted = answer(patience);
      if (!counted) return null;
      cut = counted.cut;
      for (const [board, count] of counted.boards)
        if (tallies.get(board)?.join(count) === false) return null;
    }
    return { tallies, cut };
  } catch {
    return null;
  } finally {
    for (const { stop } of helpers) stop();
  }
}

const THREAD = threadFile('bin/cli/count-thread.ts', 'count-thread.js');

/**
 * Starts a thread. It is waited for without the event loop, so that whoever counts need not know of
 * threads. `answer` waits for so many ms.
 */
function startThread(path: string, range: ByteRange) {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const share: Share = { path, range, port: port2, done };
  const worker = new Worker(THREAD, { workerData: share, transferList: [port2] });
  worker.unref();
  // What ends a thread shows in that it does not answer.
  worker.on('error', () => {});
  return {
    answer: (patience: number): Answer => {
      Atomics.wait(done, 0, 0, patience);
      return receiveMessageOnPort(port1)?.message ?? null;
    },
    stop: () => {
      port1.close();
      void worker.terminate();
    },
  };
}
