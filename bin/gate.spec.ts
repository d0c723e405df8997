import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { inventoryFixture } from '../devices/inventory-fixture.ts';
import type { BoardFacts } from '../policies/board.ts';
import {
  contiguousDisplay,
  factsFixture,
  profileFixture,
  type Say,
  takesAll,
} from '../policies/testing/facts.ts';
import { GateReport } from '../reports/gate/model.ts';
import { recordsFile, runFile } from '../runners/host/run-files.ts';
import type { CellRecord } from '../suites/record.ts';
import { Run } from '../suites/run.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

/** A run of that many attempts a cell. */
function write(folder: string, id: string, facts: BoardFacts, attempts = 1): void {
  const records = facts.records.flatMap((record) =>
    Array.from({ length: attempts }, (_, index): CellRecord => ({ ...record, attempt: index + 1 })),
  );
  writeRun(join(folder, 'results'), id, '2026-11-25T10:00:00.000Z', { ...facts, records });
  changeRun(folder, id, (run) => ({
    ...run,
    boards: run.boards.map((board) => ({
      ...board,
      plan: board.plan && { ...board.plan, repeat: attempts },
    })),
  }));
}

function changeRun(folder: string, id: string, change: (run: Run) => Run): void {
  const path = runFile(join(folder, 'results', id));
  writeFileSync(path, JSON.stringify(change(Run.parse(JSON.parse(readFileSync(path, 'utf8'))))));
}

const gate = (folder: string, ...args: readonly string[]) => cli(['gate', ...args], folder);

async function report(folder: string, ...args: readonly string[]) {
  const result = await gate(folder, '--json', ...args);
  return { ...result, report: GateReport.parse(JSON.parse(result.stdout)) };
}

const SIDES = ['--baseline', 'a', '--candidate', 'b'];
const CELL = 'kms-primary/udmabuf/kms:contig_kms/NV12/640x480/0x0';

/** As {@link contiguousDisplay}, but for one cell. */
const but =
  (id: string, said: ReturnType<Say>): Say =>
  (cell) =>
    cell.id === id ? said : contiguousDisplay(cell);
const OTHER = { outcome: 'refused', stage: 'addfb2', errno: 'EFAULT' } as const;

test.group('gate', (group) => {
  let folder = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    return made.remove;
  });

  test('lets a run through that is like the one before', async ({ assert }) => {
    write(folder, 'a', factsFixture(contiguousDisplay));
    write(folder, 'b', factsFixture(contiguousDisplay));
    const { code, report: found, stderr } = await report(folder, ...SIDES);
    assert.equal(code, 0, stderr);
    assert.isAbove(found.compared, 100);
    assert.equal(found.unchanged, found.compared);
    assert.deepEqual(found.transitions, []);
  });

  test('stops at what is worse, and says where, in 80 columns', async ({ assert }) => {
    write(folder, 'a', factsFixture(takesAll), 10);
    write(folder, 'b', factsFixture(contiguousDisplay), 10);
    const { code, stdout } = await gate(folder, ...SIDES);
    assert.equal(code, 1);
    for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);
    assert.match(stdout, /^New failures \(\d+ cells\) STOP$/m);
    assert.match(
      stdout.replace(/\s+/g, ' '),
      /pass 10\/10 \(holds 72-100 %\) -> refused at prime-import EINVAL 10\/10 \(holds 0-28 %\)/,
    );
    assert.match(stdout, / \+\d+ more$/m);
    assert.match(stdout, /^STOP: new-failure$/m);
    const back = await gate(folder, '--baseline', 'b', '--candidate', 'a');
    assert.equal(back.code, 0);
    assert.match(back.stdout, /^Fixed \(\d+ cells\)$/m);
    assert.equal((await gate(folder, ...SIDES, '--fail-on', 'none')).code, 0);
    assert.equal(
      (await gate(folder, '--baseline', 'b', '--candidate', 'a', '--fail-on', 'fixed')).code,
      1,
    );
  });

  test('tries nothing again where nothing is open, and needs the board where something is', async ({
    assert,
  }) => {
    write(folder, 'a', factsFixture(takesAll), 10);
    write(folder, 'b', factsFixture(contiguousDisplay), 10);
    const plain = await report(folder, ...SIDES);
    const again = await report(folder, ...SIDES, '--confirm');
    assert.deepEqual(again.report, plain.report);
    assert.equal(again.code, 1);

    write(folder, 'a', factsFixture(takesAll));
    write(folder, 'b', factsFixture(contiguousDisplay));
    const open = await gate(folder, ...SIDES, '--confirm');
    assert.equal(open.code, 2);
    assert.equal(open.stdout, '');
    assert.match(open.stderr, /unknown board "desk"/);
    const lab = await gate(folder, ...SIDES, '--baseline-lab', 'no.yaml');
    assert.equal(lab.code, 2);
    assert.match(lab.stderr, /no\.yaml: the file cannot be read/);
  });

  test('judges anew and marks luck, as report does', async ({ assert }) => {
    const lucky: Say = (cell) =>
      cell.backend === 'udmabuf-scattered' ? contiguousDisplay(cell) : takesAll(cell);
    write(folder, 'a', factsFixture(takesAll));
    write(folder, 'b', factsFixture(lucky));
    // What a record says of itself does not count, and the witness may come last.
    const path = recordsFile(join(folder, 'results', 'b'));
    const lines = readFileSync(path, 'utf8').trim().split('\n').reverse();
    const lied = lines.map((line) => ({ ...JSON.parse(line), lucky: false, outcome: 'pass' }));
    writeFileSync(path, lied.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const { report: found } = await report(folder, ...SIDES);
    const kinds = new Set(found.transitions.map(({ kind }) => kind));
    assert.deepEqual([...kinds], ['unconfirmed', 'lucky']);
    const luck = found.transitions.find(({ kind }) => kind === 'lucky');
    assert.include(luck?.cells ?? [], CELL);
  });

  test('refuses where something else differs than what is under test', async ({ assert }) => {
    const { kernel, memory } = inventoryFixture();
    const other = inventoryFixture({
      kernel: { ...kernel, release: '7.3.4' },
      memory: { ...memory, cmaTotalKiB: 131072 },
    });
    write(folder, 'a', factsFixture(takesAll));
    write(folder, 'b', factsFixture(takesAll, { inventory: other }));
    const { code, stdout } = await gate(folder, ...SIDES, '--varies', 'kernel');
    assert.equal(code, 2);
    assert.match(stdout, /^! desk: cma\n {4}baseline {2}65536 KiB\n {4}candidate 131072 KiB$/m);
    assert.match(stdout, /^Under test \(1\)$/m);
    assert.match(stdout, /NOT COMPARED/);
    assert.equal((await gate(folder, ...SIDES, '--varies', 'kernel,cma')).code, 0);
    assert.equal((await gate(folder, ...SIDES, '--anyway')).code, 0);
    // git would take a 2 for a bad commit.
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 128);
    assert.equal((await gate(folder, ...SIDES, '--bisect', '--varied', 'kernel')).code, 128);
  });

  test('a board that was lost is the lab’s failure', async ({ assert }) => {
    write(folder, 'a', factsFixture(takesAll));
    write(folder, 'b', factsFixture(contiguousDisplay));
    changeRun(folder, 'b', (run) => ({
      ...run,
      boards: run.boards.map((board) => ({ ...board, state: 'lost', why: 'no answer' })),
    }));
    const { code, stdout } = await gate(folder, ...SIDES);
    assert.equal(code, 3);
    assert.match(stdout, /^! desk: lost: no answer; \d+ cells in the baseline$/m);
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 125);
    write(folder, 'c', factsFixture(takesAll, { board: 'shelf' }));
    const gone = await gate(folder, '--baseline', 'a', '--candidate', 'c');
    assert.equal(gone.code, 3);
    assert.match(gone.stdout, /New boards, compared with nothing \(1\)/);
  });

  test('exits as git bisect run wants it', async ({ assert }) => {
    write(folder, 'a', factsFixture(contiguousDisplay));
    write(folder, 'b', factsFixture(contiguousDisplay));
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 0);
    write(folder, 'b', factsFixture(but(CELL, OTHER)));
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 1);
    write(folder, 'b', factsFixture(but(CELL, null)));
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 125);
    assert.equal((await gate(folder, ...SIDES)).code, 1);
    assert.equal((await gate(folder, ...SIDES, '--fail-on', 'none')).code, 0);
    const held = { outcome: 'blocked', stage: 'open', errno: 'EACCES' } as const;
    write(folder, 'b', factsFixture(but(CELL, held)));
    assert.equal((await gate(folder, ...SIDES, '--bisect')).code, 125);
  });

  test('what the candidate’s profile expects is known', async ({ assert }) => {
    const profile = profileFixture({
      expect: [
        {
          cells: { suite: 'kms-primary', backend: 'udmabuf' },
          outcome: 'refused',
          stage: 'addfb2',
          reason: 'it always did',
          source: 'a mail',
          basis: 'claimed',
        },
      ],
    });
    write(folder, 'a', factsFixture(contiguousDisplay, { profile }));
    write(folder, 'b', factsFixture(but(CELL, OTHER), { profile }));
    const { code, report: found } = await report(folder, ...SIDES);
    assert.equal(code, 0);
    assert.deepInclude(found.transitions[0], { known: true, stops: false, cells: [CELL] });
    write(
      folder,
      'b',
      factsFixture(
        but(CELL.replace('NV12', 'XR24').replace('/udmabuf/', '/udmabuf-scattered/'), OTHER),
        { profile },
      ),
    );
    assert.equal((await gate(folder, ...SIDES)).code, 1);
  });

  test('what the profile expects of the candidate’s kernel alone stops as well', async ({
    assert,
  }) => {
    const entry = (kernel: string) =>
      profileFixture({
        expect: [
          {
            cells: { suite: 'kms-primary', backend: 'udmabuf' },
            kernel,
            outcome: 'refused',
            stage: 'addfb2',
            reason: 'a bug of this kernel',
            source: 'a mail',
            basis: 'claimed',
          },
        ],
      });
    const at = (release: string) => {
      const { kernel } = inventoryFixture();
      return { inventory: inventoryFixture({ kernel: { ...kernel, release } }) };
    };
    const told = async (range: string) => {
      const profile = entry(range);
      write(folder, 'a', factsFixture(contiguousDisplay, { profile, ...at('6.12.94') }));
      write(folder, 'b', factsFixture(but(CELL, OTHER), { profile, ...at('7.3.4') }));
      const { code, report: found } = await report(folder, ...SIDES, '--varies', 'kernel');
      const [only] = found.transitions;
      return { code, known: only?.known, reason: only?.reason };
    };
    const reason = 'a bug of this kernel';
    assert.deepEqual(await told('>=6.0'), { code: 0, known: true, reason });
    assert.deepEqual(await told('>=7.0'), { code: 1, known: false, reason });
  });

  test('a rate in the profile is what a run, a report and the gate go by', async ({ assert }) => {
    const profile = profileFixture({
      expect: [
        {
          cells: { suite: 'kms-primary', backend: 'udmabuf', format: 'NV12', size: '640x480' },
          outcome: 'refused',
          rate: { min: 0, max: 0.5 },
          reason: 'it depends on what lies where',
          source: 'a mail',
          basis: 'claimed',
        },
      ],
    });
    const facts = factsFixture(takesAll, { profile });
    write(folder, 'a', facts, 12);
    const refuse = (times: number) => {
      write(folder, 'b', facts, 12);
      const path = recordsFile(join(folder, 'results', 'b'));
      const refusals = factsFixture(but(CELL, OTHER), { profile }).records;
      const refusal = refusals.find(({ cell }) => cell === CELL);
      const lines = readFileSync(path, 'utf8').trim().split('\n');
      const changed = lines.map((line) => {
        const { cell, attempt } = JSON.parse(line);
        return cell === CELL && attempt <= times ? JSON.stringify({ ...refusal, attempt }) : line;
      });
      writeFileSync(path, `${changed.join('\n')}\n`);
    };
    refuse(6);
    const { code, report: found } = await report(folder, ...SIDES);
    assert.equal(code, 0);
    assert.deepInclude(found.transitions[0], { known: true, rate: null, cells: [CELL] });
    const told = await cli(['report', 'b'], folder);
    assert.equal(told.code, 0, told.stdout);
    refuse(11);
    const gated = await gate(folder, ...SIDES);
    assert.equal(gated.code, 1);
    assert.match(gated.stdout, /^New failures \(1 cell\) STOP$/m);
    assert.match(gated.stdout, /^ +11 of 12 refused, expected at most 50 %: p 0\.0032$/m);
    const reported = await cli(['report', 'b'], folder);
    assert.match(reported.stdout, /11 of 12 refused, expected at most 50 %: p\s+0\.0032/);
  });

  test('keeps a baseline in a file, which says the same as its run', async ({ assert }) => {
    write(folder, 'a', factsFixture(but(CELL, null)), 3);
    write(folder, 'b', factsFixture(takesAll), 3);
    const written = await gate(folder, '--candidate', 'a', '--write-baseline', 'base.ndjson');
    assert.equal(written.code, 0, written.stderr);
    const byRun = await report(folder, ...SIDES);
    const byFile = await report(folder, '--baseline', 'base.ndjson', '--candidate', 'b');
    assert.equal(byRun.code, byFile.code);
    const told = ({ report: { transitions } }: typeof byRun) =>
      transitions.map(({ kind, cells, to, p }) => ({ kind, cells, to, p }));
    assert.deepEqual(told(byFile), told(byRun));
    assert.equal(byFile.report.unchanged, byRun.report.unchanged);
    // The same bytes, whatever the order of the records.
    const path = recordsFile(join(folder, 'results', 'a'));
    writeFileSync(path, `${readFileSync(path, 'utf8').trim().split('\n').reverse().join('\n')}\n`);
    await gate(folder, '--candidate', 'a', '--write-baseline', 'again.ndjson');
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    assert.equal(read('again.ndjson'), read('base.ndjson'));
    const self = await gate(folder, '--baseline', 'base.ndjson', '--candidate', 'a');
    assert.equal(self.code, 0);
    assert.match(self.stdout, /^(\d+) cells compared: \1 unchanged$/m);
  });

  test('reads a baseline file of before firmware was known, and tells that it was not', async ({
    assert,
  }) => {
    const facts = factsFixture(takesAll);
    write(folder, 'a', facts);
    await gate(folder, '--candidate', 'a', '--write-baseline', 'base.ndjson');
    const path = join(folder, 'base.ndjson');
    const text = readFileSync(path, 'utf8');
    assert.include(text, '"firmware":null,');
    writeFileSync(path, text.replace('"firmware":null,', ''));
    const old = ['--baseline', 'base.ndjson', '--candidate'];
    assert.equal((await gate(folder, ...old, 'a')).code, 0);
    const firmware = {
      biosVendor: 'SeaBIOS',
      biosVersion: '1.16.3',
      biosDate: null,
      uBoot: null,
      rpiVersion: null,
      rpiBuilt: null,
    };
    write(folder, 'b', { ...facts, inventory: { ...facts.inventory, firmware } });
    const { code, stdout } = await gate(folder, ...old, 'b');
    assert.equal(code, 2);
    assert.match(stdout, /: firmware\n *baseline +unknown\n *candidate SeaBIOS 1\.16\.3\n/);
    assert.equal((await gate(folder, ...old, 'b', '--varies', 'firmware')).code, 0);
  });

  test('refuses a baseline file that is not right, with its line and column', async ({
    assert,
  }) => {
    write(folder, 'a', factsFixture(takesAll));
    await gate(folder, '--candidate', 'a', '--write-baseline', 'base.ndjson');
    const lines = readFileSync(join(folder, 'base.ndjson'), 'utf8').trim().split('\n');
    const [header = '', first = '', second = '', ...rest] = lines;
    const because = async (changed: readonly string[], end = '\n') => {
      writeFileSync(join(folder, 'bad.ndjson'), changed.join('\n') + end);
      const { code, stderr, stdout } = await gate(
        folder,
        ...['--baseline', 'bad.ndjson', '--candidate', 'a'],
      );
      assert.equal(code, 2, stdout);
      return stderr;
    };
    assert.match(
      await because([header.replace('"schema":1', '"schema":9'), first]),
      /bad\.ndjson:1:2 this baseline is of schema 9; this bufmatrix reads 1\./,
    );
    const column = second.indexOf('"cell"') + 1;
    assert.match(
      await because([header, first, second, second, ...rest]),
      new RegExp(`bad\\.ndjson:4:${column} .* of desk is there twice\\.`),
    );
    assert.match(
      await because([header, first, second.replace('"pass"', '"fine"'), ...rest]),
      new RegExp(`bad\\.ndjson:3:${second.indexOf('"outcome"') + 1} results\\.0\\.outcome: `),
    );
    assert.match(await because([header, first, ...rest]), /bad\.ndjson:1:1 this line says/);
    assert.match(await because([header, '{', ...rest]), /bad\.ndjson:2:\d+ this is not JSON/);
    assert.match(await because([header, first, second, ...rest], ''), /its last line is cut/);
    assert.match(await because([], ''), /the file is empty/);
    assert.match(await because([first]), /bad\.ndjson:1:1 .*has none/);
    assert.match(
      await because([header, first.replace('"desk"', '"other"'), second, ...rest]),
      /bad\.ndjson:2:2 the first line has no board other/,
    );
  });

  test('refuses records that are not right, with their line', async ({ assert }) => {
    write(folder, 'a', factsFixture(takesAll));
    write(folder, 'b', factsFixture(takesAll));
    const path = recordsFile(join(folder, 'results', 'b'));
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    const because = async (changed: readonly string[]) => {
      writeFileSync(path, `${changed.join('\n')}\n`);
      const { code, stderr } = await gate(folder, ...SIDES);
      assert.equal(code, 2);
      return stderr;
    };
    const [first = '', ...rest] = lines;
    assert.match(await because([first, first, ...rest]), /records\.ndjson:2:1 .* attempt 1 twice/);
    assert.match(await because([first, 'no']), /records\.ndjson:2:1 this is not JSON/);
    assert.match(
      await because([first.replace('"result":"ok"', '"result":"good"'), ...rest]),
      /records\.ndjson:1:1 stages\.0\.result: /,
    );
    assert.match(
      await because([first.replace('"schema":1', '"schema":2'), ...rest]),
      /records\.ndjson:1:1 .*is of schema 2/,
    );
  });

  test('no control character of a record or a name reaches the terminal', async ({ assert }) => {
    const evil = '\u001b[2J\u0007evil\u202e\u009b31m\n';
    const hostile: Say = (cell) =>
      cell.id === CELL ? { outcome: 'refused', stage: 'addfb2', errno: evil } : takesAll(cell);
    const { kernel } = inventoryFixture();
    const inventory = inventoryFixture({ kernel: { ...kernel, cmdline: evil, version: evil } });
    write(folder, 'a', factsFixture(takesAll, { board: evil }));
    write(folder, 'b', factsFixture(hostile, { board: evil, inventory }));
    changeRun(folder, 'b', (run) => ({
      ...run,
      id: evil,
      boards: run.boards.map((board) => ({ ...board, state: 'lost', why: evil })),
    }));
    for (const args of [['--anyway'], []]) {
      const { code, stdout, stderr } = await gate(folder, ...SIDES, ...args);
      assert.equal(code, args.length ? 3 : 2);
      assert.match(stdout, /evil/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      assert.notMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    const file = ['--candidate', 'b', '--write-baseline', 'base.ndjson'];
    const { code, stderr } = await gate(folder, ...file);
    assert.equal(code, 3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.notMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('says what is wrong with the command line, and what to do', async ({ assert }) => {
    write(folder, 'a', factsFixture(takesAll));
    mkdirSync(join(folder, 'results', 'empty'));
    const says = async (pattern: RegExp, ...args: readonly string[]) => {
      const { code, stderr } = await gate(folder, ...args);
      assert.equal(code, 2);
      assert.match(stderr, pattern);
    };
    await says(/--candidate/);
    await says(/nothing to hold the candidate against.* Next: /, '--candidate', 'a');
    await says(/b: no run in results/, '--candidate', 'a', '--baseline', 'b');
    await says(/run\.json: cannot be read/, '--candidate', 'b', '--baseline', 'a');
    await says(/it is one of board, firmware, kernel/, ...SIDES, '--varies', 'moon');
    await says(/it is one of new-failure/, ...SIDES, '--fail-on', 'flaky-failing');
    await says(/between 0 and 1/, ...SIDES, '--alpha', '1.5');
    await says(/cannot be written/, '--candidate', 'a', '--write-baseline', 'no/such/file');
    rmSync(recordsFile(join(folder, 'results', 'a')));
    write(folder, 'b', factsFixture(takesAll));
    await says(/a: no cell was tried there/, ...SIDES);
  });
});
