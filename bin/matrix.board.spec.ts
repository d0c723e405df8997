import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { z } from 'zod';
import { goldenLine, goldenOf } from '../policies/testing/golden.ts';
import { Verdict } from '../policies/verdict.ts';
import type { CellRecord } from '../suites/record.ts';
import { deskBoard } from './testing/board.ts';
import { cli, onlyRun, readRun, scratch } from './testing/cli.ts';
import { askYardstick, buildYardstick, type Witness } from './testing/yardstick.ts';

/** A board's own kernel and drivers, booted and measured: minutes, the first time with the images. */
const BOARD_MS = 45 * 60_000;

/** What takes nothing scattered, by board and importer's kind: from the recipes' table. */
const BOARDS: readonly {
  board: string;
  arch: 'x86_64' | 'arm';
  contiguousOnly: readonly string[];
  /** Its profile allows modesetting, and its display can write back what it shows. */
  writesBack?: boolean;
}[] = [
  { board: 'virtual-no-iommu', arch: 'x86_64', contiguousOnly: ['kms'] },
  { board: 'virtual-iommu', arch: 'x86_64', contiguousOnly: [] },
  {
    board: 'virtual-contiguous-v4l2',
    arch: 'x86_64',
    contiguousOnly: ['kms', 'v4l2-output'],
  },
  { board: 'virtual-scatter', arch: 'x86_64', contiguousOnly: [], writesBack: true },
  { board: 'virtual-pl111', arch: 'arm', contiguousOnly: ['kms'] },
];

const offered = (record: CellRecord) => record.outcome !== 'unsupported';

/** Page-wise memory lies side by side by chance: where that decides, two programs may differ. */
const byChance = (record: CellRecord, witness: Witness) =>
  [record.outcome, witness.outcome].every((outcome) => ['pass', 'refused'].includes(outcome)) &&
  (record.lucky || ['prime-import', 'qbuf'].includes(record.stage ?? '')) &&
  record.backend !== 'udmabuf-scattered' &&
  !/^(heap:(reserved|default_cma_region)|dumb:contig_kms|dumb:pl111)$/.test(record.backend);

/** `refused prime-import EINVAL`, as both programs say it. */
const words = ({ outcome, stage, errno }: Pick<CellRecord, 'outcome' | 'stage' | 'errno'>) =>
  [outcome, stage ?? '-', errno ?? '-'].join(' ');

test.group('the matrix of', () => {
  test('{board}')
    .with([...BOARDS])
    .timeout(BOARD_MS)
    .run(async ({ assert, cleanup }, { board: name, arch, contiguousOnly, writesBack }) => {
      const { folder, remove } = scratch();
      cleanup(remove);
      const desk = await deskBoard(name);
      cleanup(() => desk.stop());
      desk.labFile(folder);
      const { code, stdout, stderr } = await cli(['run', 'desk'], folder);
      assert.equal(code, 0, `${stdout}\n${stderr}`);

      const { run, records } = readRun(onlyRun(folder));
      const [entry] = run.boards;
      assert.equal(entry?.state, 'complete');
      const planned = entry?.plan?.cells.filter((cell) => cell.skip === null) ?? [];
      assert.isAbove(planned.length, 50);
      assert.sameMembers(
        records.map((record) => record.cell),
        planned.map((cell) => cell.id),
      );
      for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);

      // What the whole project is about, asserted apart from the profile's own expectations.
      const scattered = records.filter(
        (record) => record.backend === 'udmabuf-scattered' && record.importer && offered(record),
      );
      assert.isAbove(scattered.length, 0);
      for (const record of scattered) {
        const kind = record.importer?.kind ?? '';
        if (!contiguousOnly.includes(kind)) continue;
        assert.equal(record.outcome, 'refused', record.cell);
      }
      const cma = records.filter(
        (record) =>
          record.backend === 'heap:reserved' && record.format === 'XR24' && offered(record),
      );
      assert.isAbove(cma.length, 0);
      for (const record of cma) {
        assert.equal(record.outcome, 'pass', record.cell);
        const free = record.memory?.held.cmaFreeKiB ?? Number.NaN;
        const most =
          (entry?.inventory?.memory.cmaTotalKiB ?? 0) - (record.buffer?.size ?? 0) / 1024;
        assert.isAtMost(free, most, `${record.cell}: its frame is taken from CMA`);
      }
      // Every pixel of every size, though a large frame is not sampled in each.
      const seen = records.filter(
        ({ importer, format, outcome }) =>
          importer?.kind === 'egl' && format === 'XR24' && outcome === 'pass',
      );
      for (const { cell, width, height, verify } of seen)
        assert.include(verify, { compared: width * height, wrong: 0 }, cell);
      const heaps = entry?.inventory?.heaps ?? [];
      const regionOf = (name: string) => heaps.find((heap) => heap.name === name)?.region;
      assert.include(regionOf('reserved'), { memory: 'cma', name: 'reserved', how: 'cma-sysfs' });
      assert.include(regionOf('system'), { memory: 'not-cma', how: 'cma-sysfs' });
      if (writesBack) {
        // vkms has a mode of each of these sizes, so every pixel is on the screen.
        const shown = records.filter(
          ({ suite, format, outcome }) =>
            suite === 'kms-primary' && format === 'XR24' && outcome === 'pass',
        );
        assert.isAbove(shown.length, 0);
        for (const { cell, width, height, verify } of shown)
          assert.include(verify, { compared: width * height, wrong: 0 }, cell);
      }
      for (const file of ['matrix.html', 'matrix.json', 'matrix.md', 'junit.xml'])
        assert.isTrue(existsSync(join(onlyRun(folder), file)), file);
      assert.notInclude(readFileSync(join(onlyRun(folder), 'matrix.html'), 'utf8'), 'http://');

      // What every policy comes to on it, from these records alone.
      const judged = await cli(['policy', 'check', '--json'], folder);
      const verdicts = z.array(Verdict).parse(JSON.parse(judged.stdout));
      assert.deepEqual(verdicts.map(goldenLine), goldenOf(name));
      assert.equal(judged.code, verdicts.some(({ verdict }) => verdict === 'breaks') ? 1 : 0);

      // A program that shares no code with ours, on the same boot of the same kernel.
      const program = await buildYardstick(folder, arch);
      const ids = records.map((record) => record.cell);
      const ask = (some: readonly string[]) =>
        desk.with((session) => askYardstick(session, program, some, BOARD_MS / 2));
      const once = await ask(ids);
      // Of contiguous memory there may be none for a moment, while pages that lie in it are in use.
      const short = ids.filter((id) => once.get(id)?.errno === 'ENOMEM');
      const witnesses = new Map([...once, ...(short.length ? await ask(short) : [])]);
      const differ = records.flatMap((record) => {
        const witness = witnesses.get(record.cell);
        if (!witness) return [`${record.cell}: the C program did not try it`];
        if (arch === 'arm' && record.importer?.kind === 'egl') return [];
        if (witness.outcome === record.outcome || byChance(record, witness)) return [];
        return [`${record.cell}: ${words(record)}, the C program: ${Object.values(witness)}`];
      });
      assert.deepEqual(differ, []);
    });
});
