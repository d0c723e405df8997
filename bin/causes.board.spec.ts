import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { z } from 'zod';
import { link } from '../runners/host/link.ts';
import { experimentsFile, parseExperiments } from '../runners/host/run-files.ts';
import { Cause } from '../suites/diagnose/cause.ts';
import { causeLabel } from '../suites/diagnose/summary.ts';
import type { Plan } from '../suites/plan.ts';
import { packageRoot } from './cli/version.ts';
import { type DeskBoard, deskBoard } from './testing/board.ts';
import { cli, onlyRun, readRun, scratch } from './testing/cli.ts';

/** A boot and two short runs; minutes more where the images are still to be made. */
const BOARD_MS = 30 * 60_000;

/** The part of matrix.json that is looked at. */
const Report = z.object({
  boards: z.array(
    z.object({
      counts: z.object({ total: z.int() }),
      cells: z.array(z.object({ cell: z.string(), state: z.string(), cause: Cause.nullable() })),
    }),
  ),
});

/** What a finished run says of causes. */
function reportOf(folder: string) {
  const text = readFileSync(join(folder, 'matrix.json'), 'utf8');
  const [board] = Report.parse(JSON.parse(text)).boards;
  if (!board) throw new Error('a report of no board');
  const tried = board.cells.filter(({ state }) => state !== 'filtered');
  return {
    total: board.counts.total,
    cells: tried,
    causes: new Map(tried.flatMap(({ cell, cause }) => (cause ? [[cell, cause] as const] : []))),
    experiments: parseExperiments(experimentsFile(folder)).records,
  };
}

/** Runs that part of the board's matrix in a folder of its own. */
async function runOn(desk: DeskBoard, cleanup: (undo: () => void) => void, args: string[]) {
  const { folder, remove } = scratch();
  cleanup(remove);
  desk.labFile(folder);
  const { stdout, stderr } = await cli(['run', 'desk', ...args], folder);
  const run = onlyRun(folder);
  if (!existsSync(join(run, 'matrix.json'))) throw new Error(`${stdout}\n${stderr}`);
  return { ...reportOf(run), ...readRun(run), stdout, folder: run };
}

const labelsOf = (causes: ReadonlyMap<string, Cause>) =>
  new Map([...causes].map(([cell, cause]) => [cell, causeLabel(cause)]));

/** Where the planes of an NV12 frame of 200x8 lie: as usual, tight, and each plane at a page's start. */
async function laidOut(desk: DeskBoard) {
  const ask = { suite: 'allocate', backend: 'udmabuf', importer: null, format: 'NV12' } as const;
  const one = { ...ask, width: 200, height: 8, modifier: '0x0', skip: null };
  const plan: Plan = {
    schema: 1,
    board: 'desk',
    profile: 'none',
    repeat: 1,
    limits: { cellMs: 20_000, bufferMiB: 1, modeset: false },
    yuvTolerance: 0,
    cells: [
      { ...one, id: 'usual' },
      { ...one, id: 'tight', variation: 'tight-stride' },
      { ...one, id: 'pages', variation: 'page-offsets' },
    ],
  };
  return desk.with(async (session) => {
    const agent = await link(session, { board: 'desk', workdir: null, who: 'a test' });
    const seen: unknown[] = [];
    for await (const reply of agent.run(plan, {}, false))
      if (reply.type === 'facts') {
        const { strides, offsets } = reply.facts.buffer ?? {};
        seen.push({ strides, offsets });
      }
    await agent.close();
    return seen;
  });
}

const SHOWN = ['--suite', 'kms-primary', '--format', 'XR24'];

test.group('causes on', (group) => {
  group.each.timeout(BOARD_MS);

  test('a display without an IOMMU are proven to be contiguity', async ({ assert, cleanup }) => {
    const desk = await deskBoard('virtual-no-iommu', { name: 'causes-no-iommu' });
    cleanup(() => desk.stop());
    const { causes, experiments, total, cells, run, stdout } = await runOn(desk, cleanup, SHOWN);
    const refused = cells.filter(({ state }) => state === 'refused' || state === 'lucky');
    assert.isAbove(refused.length, 5);
    for (const { cell } of refused)
      assert.equal(labelsOf(causes).get(cell), 'not-contiguous (proven)', cell);
    assert.match(stdout, /not-contiguous \(proven\): \d+ cells/);
    assert.isNotEmpty(experiments);
    const page = experiments.filter(({ question }) => question === 'one-page');
    for (const { cell, buffer, stages } of page) {
      assert.isAtMost(buffer?.size ?? Number.NaN, 4096, cell);
      assert.isTrue(stages.some(({ name, result }) => name === 'prime-import' && result === 'ok'));
    }
    // No cell of the matrix is an experiment.
    assert.equal(total, run.boards[0]?.plan?.cells.length);

    assert.deepEqual(await laidOut(desk), [
      { strides: [256, 256], offsets: [0, 2048] },
      { strides: [200, 200], offsets: [0, 1600] },
      { strides: [256, 256], offsets: [0, 4096] },
    ]);

    const bare = await runOn(desk, cleanup, [...SHOWN, '--no-diagnose']);
    assert.isFalse(existsSync(experimentsFile(bare.folder)));
    const likely = [...labelsOf(bare.causes).values()];
    assert.deepEqual([...new Set(likely)], ['not-contiguous (likely)']);

    // Whoever opens a primary node first is its DRM master (drm_open_helper in drm_file.c).
    await desk.shell(
      'for card in /dev/dri/card*; do (exec 3<>$card; exec sleep 60) >/dev/null 2>&1 & done; sleep 1',
    );
    const held = await runOn(desk, cleanup, [...SHOWN, '--backend', 'heap:reserved']);
    const id = 'kms-primary/heap:reserved/kms:contig_kms/XR24/640x480/0x0';
    assert.equal(labelsOf(held.causes).get(id), 'drm-master (told)');
  });

  test('the same display behind an IOMMU are none', async ({ assert, cleanup }) => {
    const desk = await deskBoard('virtual-iommu', { name: 'causes-iommu' });
    cleanup(() => desk.stop());
    const { causes, folder, cells } = await runOn(desk, cleanup, SHOWN);
    assert.isAbove(cells.length, 5);
    assert.deepEqual([...causes.keys()], []);
    assert.isFalse(existsSync(experimentsFile(folder)));
  });

  test('a contiguous-only V4L2 device are told by the kernel and proven', async ({
    assert,
    cleanup,
  }) => {
    const desk = await deskBoard('virtual-contiguous-v4l2', { name: 'causes-v4l2' });
    cleanup(() => desk.stop());
    const { causes, records } = await runOn(desk, cleanup, [
      ...['--suite', 'encoder'],
      ...['--format', 'NV12'],
    ]);
    const refused = records.filter(({ outcome }) => outcome === 'refused');
    assert.isAbove(refused.length, 3);
    for (const { cell, errno } of refused) {
      assert.equal(errno, 'EFAULT', cell);
      const cause = causes.get(cell);
      assert.equal(cause && causeLabel(cause), 'not-contiguous (proven)', cell);
      const texts = cause?.evidence.map(({ text }) => text).join('\n') ?? '';
      assert.match(texts, /contiguous chunk is too small/, cell);
    }
  });

  test('vkms are its formats and udmabuf its list', async ({ assert, cleanup }) => {
    const desk = await deskBoard('virtual-scatter', { name: 'causes-scatter' });
    cleanup(() => desk.stop());
    const { causes, records, run } = await runOn(desk, cleanup, [
      ...['--suite', 'kms-primary', '--backend', 'udmabuf*'],
      ...['--format', 'XR24', '--format', 'NV12'],
    ]);
    const labels = labelsOf(causes);
    const listLimit = run.boards[0]?.inventory?.udmabuf.listLimit ?? 0;
    for (const { cell, backend, format, width, outcome } of records) {
      if (outcome === 'pass') continue;
      const long = backend === 'udmabuf-scattered' && format === 'XR24' && width === 1920;
      assert.equal(labels.get(cell), long ? 'list-limit (told)' : 'format (proven)', cell);
      if (long) assert.isBelow(listLimit, 2025);
    }
    assert.isAbove(labels.size, 4);
  });

  test('a CMA region of 4 MiB are its size', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const text = readFileSync(join(packageRoot, 'devices', 'virtual-no-iommu.yaml'), 'utf8');
    const small = text
      .replace('name: virtual-no-iommu', 'name: small-cma')
      .replace(/^( *cmdline: \[)/m, '$1cma=4M, ')
      .replace(/^expect:[\s\S]*/m, '');
    writeFileSync(join(folder, 'small-cma.yaml'), small);
    writeFileSync(
      join(folder, 'lab.yaml'),
      'boards:\n  small: { profile: ./small-cma.yaml, access: virtual }\n',
    );
    const wanted = ['--suite', 'allocate', '--format', 'XR24'];
    const { stdout, stderr } = await cli(['run', 'small', ...wanted], folder);
    const { causes } = reportOf(onlyRun(folder));
    const labels = labelsOf(causes);
    for (const backend of ['heap:reserved', 'dumb:contig_kms'])
      assert.equal(
        labels.get(`allocate/${backend}/-/XR24/1920x1080/0x0`),
        'cma-exhausted (proven)',
        `${stdout}\n${stderr}`,
      );
    assert.equal(labels.size, 2);
  });
});
