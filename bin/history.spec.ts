import { appendFileSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { inventoryFixture } from '../devices/inventory-fixture.ts';
import { contiguousDisplay, factsFixture, takesAll } from '../policies/testing/facts.ts';
import { HistoryReport } from '../reports/history/model.ts';
import { recordsFile } from '../runners/host/run-files.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

const CELL = 'kms-primary/udmabuf/kms:contig_kms/NV12/640x480/0x0';

test.group('history of runs', (group) => {
  let folder = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    const out = join(folder, 'results');
    const { kernel } = inventoryFixture();
    const newer = inventoryFixture({ kernel: { ...kernel, release: '7.3.4' } });
    const at = (day: number) => `2026-11-0${day}T10:00:00.000Z`;
    writeRun(out, 'a', at(1), factsFixture(takesAll));
    writeRun(out, 'b', at(2), factsFixture(takesAll));
    writeRun(out, 'c', at(3), factsFixture(contiguousDisplay, { inventory: newer }));
    writeRun(out, 'd', at(4), factsFixture(takesAll, { board: 'shelf' }));
    return made.remove;
  });

  // The cache of its own, so that the index is this test's.
  const history = (...args: readonly string[]) =>
    cli(['history', ...args], folder, { XDG_CACHE_HOME: join(folder, 'cache') });
  const reported = async (...args: readonly string[]) => {
    const { stdout, stderr, code } = await history(...args, '--json');
    return { report: HistoryReport.parse(JSON.parse(stdout)), stderr, code };
  };

  test('says since when, and that the kernel changed with it, and warns of nothing', async ({
    assert,
  }) => {
    const { code, stdout, stderr } = await history(CELL, '--board', 'desk');
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);
    assert.match(stdout, /since 2026-11-03 10:00: refused at prime-import EINVAL \(1 run\)/);
    assert.match(stdout, /kernel: \S+ .* -> 7\.3\.4 /s);
    assert.match(stdout, /2026-11-01 10:00 to 2026-11-02 10:00: pass \(2 runs\)/);
    assert.lengthOf(globSync(join(folder, 'cache/bufmatrix/history/*.sqlite')), 1);
    assert.equal((await history(CELL, '--board', 'desk')).stdout, stdout);
  });

  test('takes a pattern, folds cells that are alike, and says all of all boards', async ({
    assert,
  }) => {
    const { report } = await reported('kms-primary/udmabuf/*');
    assert.deepEqual([...new Set(report.histories.map(({ board }) => board))], ['desk', 'shelf']);
    const [first] = report.histories;
    assert.isAbove(first?.cells.length ?? 0, 2);
    assert.deepEqual(
      first?.stretches[0]?.changes?.map(({ axis }) => axis),
      ['kernel'],
    );
  });

  test('names broken and foreign folders, leaves them out, and sees what is mended', async ({
    assert,
  }) => {
    mkdirSync(join(folder, 'results', 'notes'));
    const path = recordsFile(join(folder, 'results', 'c'));
    appendFileSync(path, '{"schema":1}\n');
    const { report, stderr, code } = await reported(CELL);
    assert.equal(code, 0);
    assert.deepEqual(
      report.leftOut.map((one) => one.folder),
      ['c', 'notes'],
    );
    assert.match(stderr, /^bufmatrix: results\/c is left out: .*records\.ndjson:\d+:1 /m);
    assert.match(stderr, /^bufmatrix: results\/notes is left out: .*run\.json: cannot be read/m);
    assert.lengthOf(report.histories[0]?.stretches ?? [], 1);
    writeRun(
      join(folder, 'results'),
      'c',
      '2026-11-03T10:00:00.000Z',
      factsFixture(contiguousDisplay),
    );
    assert.lengthOf((await reported(CELL)).report.histories[0]?.stretches ?? [], 2);
  });

  test('makes a broken index anew without a word', async ({ assert }) => {
    const before = await history(CELL);
    const [file = ''] = globSync(join(folder, 'cache/bufmatrix/history/*.sqlite'));
    writeFileSync(file, 'not a database at all, though there is some text in it'.repeat(100));
    assert.deepEqual(await history(CELL), before);
    rmSync(file);
    assert.deepEqual(await history(CELL), before);
  });

  test('says what to do where there is no such cell, and no results', async ({ assert }) => {
    const none = await history('kms-primary/nothing', '--board', 'desk');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no run in results has a cell kms-primary\/nothing on desk. Next: /);
    const nowhere = await history(CELL, '--out', 'nowhere');
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /nowhere: there are no runs to be read. Next: /);
  });
});
