import { test } from '@japa/runner';
import { causeCountText, causeLines, causesOf } from './causes.ts';
import { FORMATS } from './index.ts';
import { boardMatrix } from './matrix.ts';
import { sampleDesk, sampleNoIommu, sampleRuns } from './testing/sample.ts';

test.group('causes in reports', () => {
  test('every cell that was wanted and is no plain pass counts once', ({ assert }) => {
    for (const run of sampleRuns()) {
      const { cells } = boardMatrix(run);
      const counted = causesOf(cells).flatMap((count) => count.cells);
      const troubled = cells.filter(({ state }) => state !== 'pass' && state !== 'filtered');
      // A flaky cell is shown by its worst attempt, which is no pass.
      assert.sameMembers(counted, troubled);
    }
  });

  test('the most frequent cause comes first, and says how sure it is', ({ assert }) => {
    const counts = causesOf(boardMatrix(sampleNoIommu()).cells);
    const sizes = counts.map(({ cells }) => cells.length);
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => b - a),
    );
    assert.include(counts.map(causeCountText), 'not-contiguous (told): 20 cells, e.g.');
  });

  test('{name} has the cause of a crash, with its evidence')
    .with([
      { name: 'html' as const },
      { name: 'json' as const },
      { name: 'markdown' as const },
      { name: 'junit' as const },
    ])
    .run(({ assert }, { name }) => {
      const text = FORMATS[name].write([sampleDesk()]);
      assert.include(text, 'driver-crash');
      assert.include(text, 'the worker ended in the stage draw: SIGSEGV');
    });

  test('JSON names the cause of each cell, and of a plain pass none', ({ assert }) => {
    const [board] = JSON.parse(FORMATS.json.write([sampleDesk()])).boards;
    for (const { state, cause, cell } of board.cells)
      assert.equal(cause === null, state === 'pass', cell);
    assert.deepEqual(board.experiments, { file: 'experiments.ndjson', lines: 0 });
  });

  test('an unknown cause says what would tell', ({ assert }) => {
    const { cells } = boardMatrix(sampleNoIommu({ formats: ['NV12'] }));
    const unknown = cells.find(({ cause }) => cause?.cause === 'unknown')?.cause;
    if (!unknown) throw new Error('the sample has one');
    assert.include(causeLines(unknown).join('\n'), 'needed');
  });
});
