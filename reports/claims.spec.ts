import { spawnSync } from 'node:child_process';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { OUTCOMES } from '../suites/record.ts';
import { describeCell, slotText } from './describe.ts';
import { foldCells } from './fold.ts';
import { claimLetters, GLYPHS, UNMEASURED } from './glyphs.ts';
import { htmlReport } from './html/index.ts';
import { FORMATS } from './index.ts';
import { boardMatrices, boardMatrix, countUnexpected } from './matrix.ts';
import { overviewOf, passShare } from './overview.ts';
import { sampleClaim, sampleClaims, sampleNoIommu } from './testing/sample.ts';

const SCATTERED = 'kms-primary/udmabuf-scattered/kms:real_kms/NV12/640x480/0x0';

const cellOf = (run: ReturnType<typeof sampleClaims>, id: string) => {
  const found = boardMatrix(run).cells.find(({ cell }) => cell.id === id);
  if (!found) throw new Error(`no cell ${id}`);
  return found;
};

test.group('claims of a board that nobody has run', () => {
  test('are never counted as results', ({ assert }) => {
    const run = sampleClaims();
    const { counts, cells } = boardMatrix(run);
    for (const { state } of GLYPHS)
      if (state !== 'claimed' && state !== 'unknown') assert.equal(counts.states.get(state), 0);
    assert.equal(counts.measured, 0);
    assert.equal(countUnexpected([run]), 0);
    assert.equal(
      (counts.states.get('claimed') ?? 0) + (counts.states.get('unknown') ?? 0),
      cells.length,
    );
    const { sections } = overviewOf([boardMatrix(run)]);
    for (const { lines } of sections)
      for (const { slots } of lines)
        for (const slot of slots.values()) assert.equal(passShare(slot), '');
  });

  test('have letters that no result has', ({ assert }) => {
    const results = GLYPHS.filter(({ state }) => !UNMEASURED.has(state)).map(
      ({ letter }) => letter,
    );
    fc.assert(
      fc.property(fc.subarray([...OUTCOMES], { minLength: 1 }), fc.boolean(), (some, unknown) => {
        const letters = claimLetters(some, unknown);
        assert.match(letters, /^\([A-Za-z?]+\)$/);
        assert.notInclude(results, letters);
      }),
    );
    assert.equal(claimLetters(['pass', 'crash'], true), '(XP?)');
  });

  test('say what, by whom, and never more than that', ({ assert }) => {
    const entry = cellOf(sampleClaims(), SCATTERED);
    assert.equal(entry.state, 'claimed');
    assert.equal(describeCell(entry), 'claimed, not measured: refused at prime-import with EINVAL');
    assert.deepEqual(entry.claim?.sources, ['drm_gem_dma_helper.c', 'a mail of 2025-04-25']);
    const unknown = cellOf(sampleClaims(), 'cpu/udmabuf/-/NV12/640x480/0x0');
    assert.equal(unknown.state, 'unknown');
    assert.isNull(unknown.claim);
  });

  test('stand beside what was measured in that place on the stand-in', ({ assert }) => {
    const entry = cellOf(sampleClaims(), SCATTERED);
    assert.equal(
      entry.standIn?.cell.id,
      'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0',
    );
    assert.equal(entry.standIn?.state, 'refused');
    for (const name of ['terminal', 'markdown', 'junit', 'html'] as const)
      assert.include(
        FORMATS[name].write([sampleClaims()]).replace(/\s+/g, ' '),
        'sample-no-iommu, a virtual board',
        name,
      );
    const alone = { ...sampleClaims(), standIn: undefined };
    assert.isNull(cellOf(alone, SCATTERED).standIn);
    assert.notInclude(FORMATS.terminal.write([alone]), 'Measured on');
  });

  test('an output queue stands in for an encoder, and a cell that did not run for none', ({
    assert,
  }) => {
    const run = sampleClaims();
    const plan = {
      ...run.plan,
      cells: run.plan.cells.map((cell) =>
        cell.importer?.kind === 'v4l2-output'
          ? { ...cell, importer: { kind: 'v4l2-m2m' as const, driver: 'codec' } }
          : cell,
      ),
    };
    const standIn = run.standIn && {
      ...run.standIn,
      names: { ...run.standIn.names, codec: 'vivid' },
    };
    const encoders = boardMatrix({ ...run, plan, standIn }).cells.filter(
      ({ cell }) => cell.importer?.driver === 'codec',
    );
    assert.isAbove(encoders.length, 4);
    const beside = encoders.filter((entry) => entry.standIn);
    // One of the sample's cells was left out by a filter.
    assert.lengthOf(beside, encoders.length - 1);
    for (const entry of beside) assert.equal(entry.standIn?.cell.importer?.kind, 'v4l2-output');
  });

  test('are in JSON by their basis, with no outcome of the board', ({ assert }) => {
    const report = JSON.parse(FORMATS.json.write([sampleNoIommu(), sampleClaims()]));
    const [measured, claimed] = report.boards;
    assert.isNull(claimed.run);
    for (const cell of claimed.cells) {
      assert.isNull(cell.outcome);
      assert.isNull(cell.again);
      assert.equal(cell.basis, cell.state === 'claimed' ? 'claimed' : null);
      if (cell.basis) assert.isAbove(cell.expectation.sources.length, 0);
      if (cell.standIn) assert.equal(cell.standIn.basis, 'measured');
    }
    for (const cell of measured.cells)
      assert.equal(cell.basis, cell.state === 'filtered' ? null : 'measured');
  });

  test('are skipped in JUnit, with claim and source', ({ assert }) => {
    const xml = FORMATS.junit.write([sampleClaims()]);
    const count = (pattern: RegExp) => (xml.match(pattern) ?? []).length;
    assert.equal(count(/<skipped message="/g), count(/<testcase /g));
    assert.equal(count(/<failure/g), 0);
    assert.include(
      xml,
      '<skipped message="claimed, not measured: refused at prime-import with EINVAL: contiguous memory only; source (claimed): drm_gem_dma_helper.c; a mail of 2025-04-25; measured on sample-no-iommu, a virtual board: refused at prime-import EINVAL"/>',
    );
    if (spawnSync('xmllint', ['--version']).error === undefined)
      assert.equal(spawnSync('xmllint', ['--noout', '-'], { input: xml }).status, 0);
  });

  test('are no board of their own in the words that a reader sees', ({ assert }) => {
    const [, claimed] = boardMatrices([sampleNoIommu(), sampleClaims()]);
    assert.equal(claimed?.label, 'sample-real (claimed)');
    for (const text of [FORMATS.terminal.write([sampleClaims()]), htmlReport([sampleClaims()])]) {
      assert.include(text, 'claimed, not measured');
      assert.include(text, 'nothing was measured');
      assert.notInclude(text, 'all as expected');
    }
  });
});

test.group('claims of a board that has been run', () => {
  const ran = sampleNoIommu();
  const claims = new Map(
    ran.plan.cells.flatMap((cell) => {
      const claim = sampleClaim(cell);
      return claim ? [[cell.id, claim] as const] : [];
    }),
  );

  test('leave every measured cell as it was measured', ({ assert }) => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), (choose) => {
        const asked = ran.plan.cells.map((cell) => ({
          ...cell,
          skip: choose.next().value ? null : 'filtered',
        }));
        const wanted = new Set(asked.filter(({ skip }) => skip === null).map(({ id }) => id));
        const some = {
          ...ran,
          plan: { ...ran.plan, cells: asked },
          records: ran.records.filter(({ cell }) => wanted.has(cell)),
        };
        const plain = foldCells(some);
        const standIn = { differs: 'nothing', names: {}, run: ran };
        const shown = boardMatrix({ ...some, claims, standIn }).cells;
        shown.forEach((entry, n) => {
          const before = plain[n];
          if (before?.state === 'filtered')
            assert.equal(entry.state, claims.has(entry.cell.id) ? 'claimed' : 'unknown');
          else assert.deepEqual(entry, before);
        });
      }),
      { numRuns: 20 },
    );
  });

  test('say nothing in a place where something was measured', ({ assert }) => {
    const half = ran.plan.cells.map((cell) => ({
      ...cell,
      skip: cell.width > 640 ? 'filtered' : null,
    }));
    const board = boardMatrix({
      ...ran,
      plan: { ...ran.plan, cells: half },
      records: ran.records.filter(({ width }) => width === 640),
      claims,
    });
    for (const row of board.rows)
      for (const group of board.groups)
        for (const format of group.formats) {
          const slot = board.slot(row, group, format);
          if (slot) assert.notMatch(slotText(slot), /\(/);
        }
  });

  test('a planned cell without a record is missing, and not what is claimed', ({ assert }) => {
    const lost = foldCells({ ...ran, records: [], claims });
    const missing = lost.filter(({ state }) => state === 'not-run');
    assert.isAbove(missing.length, 100);
    for (const entry of missing) assert.isFalse(entry.expected);
    const scattered = missing.find(({ claim }) => claim?.stage.includes('prime-import'));
    assert.equal(
      scattered?.why,
      'missing: never reported, but expected refused at prime-import with EINVAL',
    );
  });
});
