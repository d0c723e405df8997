import { writeSync } from 'node:fs';
import { describeEgl } from '../../suites/kernel/egl-describe.ts';
import { FACTS_FD } from './job.ts';
import { OOM_WORKER, setOomScore } from './oom.ts';
import { dieWithParent } from './self-calls.ts';

/** Stands for no node: Mesa's software device. */
export const NO_NODE = '-';

/** Describes EGL on each device of `DRIVER NODE ...`, one JSON line each on the facts' fd. */
export function runEglProbe(pairs: readonly string[]): void {
  dieWithParent();
  setOomScore(OOM_WORKER);
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [driver = '', node = NO_NODE] = pairs.slice(at, at + 2);
    const device = describeEgl(driver, node === NO_NODE ? null : node);
    writeSync(FACTS_FD, `${JSON.stringify(device)}\n`);
  }
  // Not process.exit: what Mesa registered to run there is not part of the question.
  process.kill(process.pid, 'SIGKILL');
}
