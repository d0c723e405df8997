import type { Progress } from '../../runners/virtual/progress.ts';

/** A pipe is told this often, in ms, that a build goes on. */
const PIPE_EVERY_MS = 10_000;

/** Shows a build: one changing line on a terminal, now and then a line on a pipe. */
export function buildProgress(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY === true;
  let step = '';
  let last = 0;
  return (event) => {
    const now = Date.now();
    const fresh = event.step !== step;
    if (!fresh && now - last < (live ? 100 : PIPE_EVERY_MS)) return;
    last = now;
    step = event.step;
    const count =
      event.done !== undefined && event.total
        ? ` about ${Math.min(99, Math.floor((100 * event.done) / event.total))}%`
        : '';
    const text = `building: ${event.step}${count}`.replace(/\p{Cc}/gu, ' ');
    if (live) stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    else stream.write(`${text}\n`);
  };
}
