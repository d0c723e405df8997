import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { contiguousDisplay, factsFixture } from '../policies/testing/facts.ts';
import { GateReport } from '../reports/gate/model.ts';
import { HistoryReport } from '../reports/history/model.ts';
import { experimentsFile, recordsFile, runFile } from '../runners/host/run-files.ts';
import { seal, sealFile, sealOf } from '../runners/host/seal.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

const SIDES = ['--baseline', 'a', '--candidate', 'b'];
const CELL = 'kms-primary/udmabuf/kms:contig_kms/NV12/640x480/0x0';

/** Two runs that have ended, and their contents' ids. */
function twoRuns() {
  const { folder, remove } = scratch();
  const contents = ['a', 'b'].map((id, index) => {
    const at = `2026-11-2${index + 1}T10:00:00.000Z`;
    writeRun(join(folder, 'results'), id, at, factsFixture(contiguousDisplay));
    seal(join(folder, 'results', id));
    return sealOf(join(folder, 'results', id)).content ?? '';
  });
  return { folder, remove, run: join(folder, 'results', 'b'), contents };
}

test.group('the content of a run', (group) => {
  let made: ReturnType<typeof twoRuns>;
  group.each.setup(() => {
    made = twoRuns();
    return made.remove;
  });
  const use = (...args: readonly string[]) =>
    cli(args, made.folder, { XDG_CACHE_HOME: join(made.folder, 'cache') });

  test('names it, and is told by reports, the gate, baselines and history', async ({ assert }) => {
    const [a = '', b = ''] = made.contents;
    assert.notEqual(a, b);
    const byId = await use('report', 'b', '--format', 'json');
    assert.equal(byId.stderr, '');
    assert.include((await use('report', 'b')).stdout, `run b, ${b.slice(0, 19)}`);
    const byContent = await use('report', b.slice(0, 19), '--format', 'json');
    assert.equal(byContent.stdout, byId.stdout);
    const [board] = JSON.parse(byId.stdout).boards;
    assert.equal(board.run.content, b);
    assert.equal(board.environment.Content, b);

    const gated = await use('gate', ...SIDES, '--json');
    assert.deepEqual(GateReport.parse(JSON.parse(gated.stdout)).content, {
      baseline: a,
      candidate: b,
    });
    const shown = await use('gate', '--baseline', a.slice(0, 19), '--candidate', b);
    assert.include(shown.stdout, `content of their files: ${a.slice(0, 19)}, ${b.slice(0, 19)}\n`);

    await use('gate', '--candidate', 'a', '--write-baseline', 'base.ndjson');
    const [head = ''] = readFileSync(join(made.folder, 'base.ndjson'), 'utf8').split('\n');
    assert.equal(JSON.parse(head).content, a);
    const byFile = await use('gate', '--baseline', 'base.ndjson', '--candidate', 'b', '--json');
    assert.equal(GateReport.parse(JSON.parse(byFile.stdout)).content.baseline, a);

    const { stdout } = await use('history', CELL, '--json');
    const [stretch] = HistoryReport.parse(JSON.parse(stdout)).histories[0]?.stretches ?? [];
    assert.deepEqual([stretch?.from.content, stretch?.to.content], [a, b]);
  });

  test('is not what it was where a record was added, and nothing is made of such a run unsaid', async ({
    assert,
  }) => {
    const path = recordsFile(made.run);
    const [first = ''] = readFileSync(path, 'utf8').split('\n');
    appendFileSync(path, `${first.replace('"attempt":1', '"attempt":2')}\n`);

    const told = await use('report', 'b', '--format', 'json');
    assert.match(
      told.stderr,
      /^bufmatrix: results\/b: records\.ndjson is not what the run has left\. Next: restore/m,
    );
    const [board] = JSON.parse(told.stdout).boards;
    assert.equal(board.environment.Content, 'changed since the run: records.ndjson');

    for (const args of [
      ['gate', ...SIDES],
      ['gate', '--candidate', 'b', '--write-baseline', 'base.ndjson'],
      ['submit', 'b', '--to', 'http://127.0.0.1:1/submit'],
      ['run', '--resume', 'b'],
    ]) {
      const { code, stderr } = await cli(args, made.folder, { BUFMATRIX_KCIDB_TOKEN: 'x' });
      assert.equal(code, 2, args.join(' '));
      assert.match(
        stderr,
        /results\/b: records\.ndjson is not what the run has left\. Next: restore/,
      );
    }
    const report = HistoryReport.parse(JSON.parse((await use('history', CELL, '--json')).stdout));
    assert.deepEqual(
      report.leftOut.map((one) => one.folder),
      ['b'],
    );

    // Meant: then it is a run that does not say what it is.
    rmSync(sealFile(made.run));
    const gated = await use('gate', ...SIDES, '--json');
    assert.isNull(GateReport.parse(JSON.parse(gated.stdout)).content.candidate);
    const again = await use('report', 'b', '--format', 'json');
    assert.equal(again.stderr, '');
    assert.match(JSON.parse(again.stdout).boards[0].environment.Content, /^not known: /);
  });

  test('stays when a run cannot be gone on with, and is made where it was missing', async ({
    assert,
  }) => {
    const path = runFile(made.run);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace('"state":"complete"', '"state":"lost"'));
    seal(made.run);
    const before = sealOf(made.run);
    assert.equal((await use('run', '--resume', 'b', '--lab', 'none.yaml')).code, 2);
    assert.deepEqual(sealOf(made.run), before);
    // Killed after its last record, before its sums.
    writeFileSync(path, whole);
    rmSync(sealFile(made.run));
    assert.notEqual((await use('run', '--resume', 'b')).code, 2);
    assert.match(sealOf(made.run).content ?? '', /^sha256:/);
  });

  test('is watched by history and publish in all of its files', async ({ assert }) => {
    const leftOut = async () => {
      const { stdout } = await use('history', CELL, '--json');
      return HistoryReport.parse(JSON.parse(stdout)).leftOut.map((one) => one.folder);
    };
    const published = async () => (await use('publish', 'site')).stderr;
    assert.deepEqual(await leftOut(), []);
    assert.notInclude(await published(), 'is not what');
    const data = readdirSync(join(made.folder, 'site'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(made.folder, 'site', name), 'utf8'));
    assert.isTrue(data.some((text) => text.includes('"Kernel"')));
    // Of two runs it says nothing in which their systems differ.
    assert.isFalse(data.some((text) => text.includes('["Content"')));
    const more = experimentsFile(made.run);
    writeFileSync(more, '');
    assert.deepEqual(await leftOut(), ['b']);
    assert.match(await published(), /results\/b: experiments\.ndjson is not what the run has left/);
    rmSync(more);
    assert.deepEqual(await leftOut(), []);
    assert.notInclude(await published(), 'is not what');
  }).timeout(120_000);

  test('is not found, or is none, in words', async ({ assert }) => {
    const none = await use('report', 'sha256:00000000');
    assert.equal(none.code, 2);
    assert.include(none.stderr, 'no run in results has the content sha256:00000000');
    writeFileSync(join(made.folder, 'results', 'a', 'SHA256SUMS'), 'no sums\n');
    const odd = await use('gate', ...SIDES);
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /results\/a: SHA256SUMS is not what the run has left/);
  });
});
