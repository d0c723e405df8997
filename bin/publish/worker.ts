import { parentPort } from 'node:worker_threads';
import { UserError } from '../../devices/problem.ts';
import { type BoardWork, makeBoard } from './board-work.ts';
import type { Answer } from './threads.ts';

/** The other end of `threads.ts`: makes one board after another. */
parentPort?.on('message', (work: BoardWork) => {
  const answer = answerTo(work);
  const bytes = answer.kind === 'made' ? answer.made.files.map((file) => file.bytes.buffer) : [];
  // Handed over, not copied.
  parentPort?.postMessage(answer, bytes);
});

function answerTo(work: BoardWork): Answer {
  try {
    return { kind: 'made', made: makeBoard(work) };
  } catch (error) {
    // An error comes through without its class.
    if (error instanceof UserError)
      return { kind: 'refused', code: error.code, problems: error.problems };
    return { kind: 'broken', text: error instanceof Error ? `${error.stack}` : `${error}` };
  }
}
