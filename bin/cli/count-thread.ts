/** A thread that counts a part of the records; count-records.ts starts it. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { type BoardCount, type BoardTally, boardTally } from '../../reports/gate/tally.ts';
import type { ByteRange } from '../../runners/host/each-line.ts';
import { eachRecord } from '../../runners/host/lean-records.ts';

/** What a thread is to count, and where its answer goes. */
export interface Share {
  readonly path: string;
  readonly range: ByteRange;
  readonly port: MessagePort;
  /** Not 0 when the answer is there. */
  readonly done: Int32Array;
}

/** What was counted, by board, and bytes of a line that was cut; null where something is wrong. */
export type Answer = { readonly boards: Map<string, BoardCount>; readonly cut: number } | null;

/** What is planned is not known here, and nothing that is counted hangs on it. */
const NO_PLAN = { cells: [], repeat: 1 };

/** What is wrong is not told: whoever asked counts again, and finds the line. */
function countShare({ path, range }: Share): Answer {
  const tallies = new Map<string, BoardTally>();
  try {
    const cut = eachRecord(
      path,
      (record) => {
        const tally = tallies.get(record.board) ?? boardTally(NO_PLAN);
        tallies.set(record.board, tally);
        return tally.add(record);
      },
      range,
    );
    return { boards: new Map([...tallies].map(([board, { count }]) => [board, count])), cut };
  } catch {
    return null;
  }
}

const share: Share = workerData;
share.port.postMessage(countShare(share));
Atomics.store(share.done, 0, 1);
Atomics.notify(share.done, 0);
