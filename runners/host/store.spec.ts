import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import fc from 'fast-check';
import type { Run } from '../../suites/run.ts';
import { anyRecord } from '../../suites/testing/arbitrary.ts';
import { experimentsFile, parseExperiments, parseRecords, recordsFile } from './run-files.ts';
import { createStore, reopenStore } from './store.ts';

function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-store-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const run: Run = {
  schema: 1,
  id: 'r',
  startedAt: '2026-11-23T10:15:00.000Z',
  endedAt: null,
  harness: { name: 'bufmatrix', version: '0' },
  command: [],
  options: { repeat: 1, lab: null, diagnoseSeconds: 0, filter: {} },
  boards: [],
};

const [first, second] = fc.sample(anyRecord, { seed: 1, numRuns: 2 });
if (!first || !second) throw new Error('no sample');
const one = { ...first, cell: 'one' };
const two = { ...second, cell: 'two' };

test.group('the store', () => {
  test('a write that the kernel takes in part leaves no part of a line behind', ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const program = join(import.meta.dirname, 'testing', 'append-until-full.ts');
    for (const seed of [1, 2, 3]) {
      // The kernel writes up to the limit and then says EFBIG, as it says ENOSPC on a full disk.
      const script = 'ulimit -f "$1"; shift; exec "$@"';
      const args = [process.execPath, program, folder, `run-${seed}`, `${seed}`];
      const said = execFileSync('bash', ['-c', script, '-', '48', ...args], { encoding: 'utf8' });
      const { taken, why } = JSON.parse(said);
      assert.match(why, /largest size allowed \(EFBIG\)/);
      assert.isAbove(taken, 5);
      const { records, cutBytes } = parseRecords(recordsFile(join(folder, `run-${seed}`)));
      assert.equal(cutBytes, 0);
      assert.lengthOf(records, taken);
    }
  });

  test('goes on after a line that a kill has cut, with the whole ones and no more', ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const store = createStore(folder, 'r');
    store.saveRun(run);
    store.append(one);
    store.close();
    const path = recordsFile(join(folder, 'r'));
    const line = JSON.stringify(two);
    for (const length of [1, 40, line.length]) {
      appendFileSync(path, line.slice(0, length));
      const again = reopenStore(join(folder, 'r')).store;
      assert.deepEqual(again.earlier, [one]);
      again.close();
      assert.equal(readFileSync(path, 'utf8'), `${JSON.stringify(one)}\n`);
    }
    const last = reopenStore(join(folder, 'r')).store;
    last.append(two);
    last.close();
    assert.deepEqual(parseRecords(path).records, [one, two]);
  });

  test('keeps experiments in a file of their own, which a run without any lacks', ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const store = createStore(folder, 'r');
    store.saveRun(run);
    store.append(one);
    const path = experimentsFile(join(folder, 'r'));
    assert.isFalse(existsSync(path));
    assert.deepEqual(parseExperiments(path).records, []);
    const asked = { question: 'one-page', variation: null, of: ['one'] } as const;
    const made = { ...two, ...asked, of: [...asked.of] };
    store.appendExperiment(made);
    store.close();
    appendFileSync(path, JSON.stringify(made).slice(0, 40));
    const again = reopenStore(join(folder, 'r')).store;
    assert.deepEqual(again.earlier, [one]);
    assert.deepEqual(again.earlierExperiments, [made]);
    again.close();
    assert.equal(readFileSync(path, 'utf8'), `${JSON.stringify(made)}\n`);
  });
});
