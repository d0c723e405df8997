import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { UserError } from '../../devices/problem.ts';
import { contiguousDisplay, factsFixture, type Say } from '../../policies/testing/facts.ts';
import { boardTally } from '../../reports/gate/tally.ts';
import { scratch } from '../testing/cli.ts';
import { type Counted, countRecords, countShared } from './count-records.ts';

const THREADS = 3;

const fails: Say = (cell) =>
  cell.backend === 'udmabuf'
    ? { outcome: 'crash', stage: 'alloc', errno: 'SIGSEGV' }
    : contiguousDisplay(cell);
const facts = [contiguousDisplay, fails].flatMap((say, index) =>
  ['desk', 'shelf'].map((board) => ({ board, attempt: index + 1, facts: factsFixture(say) })),
);
const lines = facts.flatMap(({ board, attempt, facts: { records } }) =>
  records.map((record) => JSON.stringify({ ...record, board, attempt })),
);
const [first = '', second = ''] = lines;

/** No plan: every cell is there because of its records. */
const empty = () =>
  new Map(['desk', 'shelf'].map((board) => [board, boardTally({ cells: [], repeat: 2 })]));

const said = ({ tallies, cut }: Counted) => ({
  cut,
  boards: [...tallies].map(([board, tally]) => [board, [...tally.done()]]),
});

/** What is counted, or said, of a file with this text, by so many threads. */
function outcome(path: string, text: string, threads: number) {
  writeFileSync(path, text);
  try {
    return said(countRecords(path, empty, { threads }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.replace(path, 'FILE');
  }
}

test.group('records counted by several threads', () => {
  test('come to what one thread counts', ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const path = join(folder, 'records.ndjson');
    const text = `${lines.join('\n')}\n`;
    const alone = outcome(path, text, 1);
    const shared = countShared(path, empty(), THREADS);
    // Without this, all that follows could be the work of one thread.
    assert.isNotNull(shared);
    if (shared) assert.deepEqual(said(shared), alone);
  });

  test('where something is wrong, say the same of the same line', ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const path = join(folder, 'records.ndjson');
    const with_ = (...changed: readonly (readonly [number, string])[]) =>
      `${changed.reduce((all, [at, line]) => all.toSpliced(at, 0, line), lines).join('\n')}\n`;
    const end = lines.length;
    const bad = first.replace('"result":"ok"', '"result":"good"');
    const texts = {
      'twice, far apart': with_([end, first]),
      'twice, in the last part': with_([end, lines.at(-1) ?? '']),
      'not JSON in the midst': with_([end >> 1, 'no']),
      'not JSON twice': with_([end, 'no'], [1, 'no']),
      'another result at the end': with_([end, bad]),
      'another schema first': with_([0, second.replace('"schema":1', '"schema":2')]),
      'first twice, then not JSON': with_([end, 'no'], [1, first]),
      'an empty line': with_([end >> 1, '']),
      'a board that is not in the run, twice': with_(
        [end, first.replace('"desk"', '"other"')],
        [0, first.replace('"desk"', '"other"')],
      ),
      'a cut line': with_().slice(0, -40),
      'a cut line alone': first,
      empty: '',
    };
    for (const [what, text] of Object.entries(texts))
      assert.deepEqual(outcome(path, text, THREADS), outcome(path, text, 1), what);
    assert.equal(
      outcome(path, texts['twice, far apart'], THREADS),
      `FILE:${end + 1}:1 ${facts[0]?.facts.records[0]?.cell} has attempt 1 twice. Next: remove the line if it does not belong there; the file was not changed.`,
    );
  }).timeout(60_000);
});
