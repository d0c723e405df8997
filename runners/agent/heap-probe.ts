import { writeSync } from 'node:fs';
import type { HeapQuestion } from './heap-child.ts';
import { regionsOf } from './heap-regions/index.ts';
import { FACTS_FD } from './job.ts';
import { OOM_WORKER, setOomScore } from './oom.ts';
import { dieWithParent, nameProcess } from './self-calls.ts';

/** Finds what memory each heap of a {@link HeapQuestion} hands out; one JSON line on the facts' fd. */
export function runHeapProbe(text = ''): void {
  dieWithParent();
  nameProcess('bufmatrix-heap');
  setOomScore(OOM_WORKER);
  const question: HeapQuestion = JSON.parse(text);
  writeSync(FACTS_FD, `${JSON.stringify(regionsOf(question))}\n`);
}
