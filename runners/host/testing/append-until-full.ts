/**
 * Appends records to a new run until the kernel takes no more, and prints how many it took and what
 * the store said then. A program of its own, since a limit on a file's size holds for a process.
 *
 *   node append-until-full.ts FOLDER RUN SEED
 */
import fc from 'fast-check';
import { anyRecord } from '../../../suites/testing/arbitrary.ts';
import { createStore } from '../store.ts';

const [, , folder = '', run = '', seed = ''] = process.argv;
const store = createStore(folder, run);
const records = fc.sample(anyRecord, { seed: Number(seed), numRuns: 10 });
let taken = 0;
try {
  for (let round = 0; round < 100; round++)
    for (const record of records) {
      store.append({ ...record, cell: `${record.cell}#${taken}` });
      taken++;
    }
  console.log(JSON.stringify({ taken, why: null }));
} catch (error) {
  console.log(JSON.stringify({ taken, why: error instanceof Error ? error.message : null }));
}
