import { test } from '@japa/runner';
import fc from 'fast-check';
import { cellId } from '../cell.ts';
import { toRecord } from '../judge.ts';
import { markLuck } from '../luck.ts';
import type { CellRecord, StageFact } from '../record.ts';
import { compare, predict } from './compare.ts';
import type { GivenBuffer } from './facts.ts';

const FRAME = { format: 'NV12', width: 640, height: 480 };

const rung = (name: StageFact['name'], side: StageFact['side'], ok: boolean): StageFact => ({
  name,
  side,
  result: ok ? 'ok' : 'failed',
  errno: ok ? null : 'EINVAL',
  us: 1,
});

/** A record of a display that takes a backend's buffer, or refuses it as memory. */
function record(backend: string, taken: boolean, driver = 'vc4', frame = FRAME): CellRecord {
  const importer = { kind: 'kms', driver } as const;
  const parts = { suite: 'kms-primary', backend, importer, ...frame, modifier: '0x0' } as const;
  const cell = { id: cellId(parts), ...parts };
  const stages = [
    rung('open', 'exporter', true),
    rung('alloc', 'exporter', true),
    rung('prime-import', 'importer', taken),
    ...(taken ? [rung('addfb2', 'importer', true), rung('test-commit', 'importer', true)] : []),
  ];
  const facts = {
    cell: cell.id,
    attempt: 1,
    node: null,
    end: { kind: 'done' as const },
    stages,
    buffer: null,
    verify: null,
    memory: null,
    kernelLog: [],
    us: 1,
    heldBy: null,
    stderr: [],
  };
  return toRecord('b', cell, facts, new Date(0));
}

const predicted = (backend: string, records: readonly CellRecord[]) =>
  predict(markLuck(records), 'kms-primary', backend, FRAME);

const given = (...answers: GivenBuffer['answer'][]): GivenBuffer[] =>
  answers.map((answer, index) => ({
    index,
    answer,
    errno: answer === 'refused' ? 'EINVAL' : null,
    text: 'a call',
  }));

const SCATTERED_IS_REFUSED = record('udmabuf-scattered', false);

test.group('a program against the cells of its board', () => {
  test('{what}')
    .with([
      {
        what: 'a refusal, with a witness',
        backend: 'udmabuf',
        records: [record('udmabuf', false), SCATTERED_IS_REFUSED],
        answer: 'refused',
        luck: true,
      },
      {
        what: 'a lucky pass is a refusal that fell out well',
        backend: 'udmabuf',
        records: [record('udmabuf', true), SCATTERED_IS_REFUSED],
        answer: 'refused',
        luck: true,
      },
      {
        what: 'no luck without a witness',
        backend: 'udmabuf',
        records: [record('udmabuf', false)],
        answer: 'refused',
        luck: false,
      },
      {
        what: 'no luck with memory that is always in one piece',
        backend: 'heap:reserved',
        records: [record('heap:reserved', false), SCATTERED_IS_REFUSED],
        answer: 'refused',
        luck: false,
      },
      {
        what: 'a pass',
        backend: 'heap:reserved',
        records: [record('heap:reserved', true), SCATTERED_IS_REFUSED],
        answer: 'accepted',
        luck: false,
      },
      {
        what: 'devices that disagree',
        backend: 'udmabuf',
        records: [
          record('udmabuf', true, 'vkms'),
          record('udmabuf-scattered', true, 'vkms'),
          record('udmabuf', false),
          SCATTERED_IS_REFUSED,
        ],
        answer: 'unknown',
        luck: false,
      },
      {
        what: 'another size says nothing',
        backend: 'udmabuf',
        records: [record('udmabuf', true, 'vc4', { ...FRAME, width: 1920 })],
        answer: 'unknown',
        luck: false,
      },
    ])
    .run(({ assert }, { backend, records, answer, luck }) => {
      const prediction = predicted(backend, records);
      assert.equal(prediction.answer, answer);
      assert.equal(prediction.luck, luck);
      assert.equal(prediction.errno, answer === 'refused' ? 'EINVAL' : null);
    });

  test('luck is counted and said, and is no contradiction', ({ assert }) => {
    const prediction = predicted('udmabuf', [record('udmabuf', false), SCATTERED_IS_REFUSED]);
    const buffers = given('refused', 'refused', 'accepted', 'none');
    assert.deepEqual(compare({ provider: 'udmabuf', buffers }, prediction), {
      contradictions: [],
      lucky: [2],
      unanswered: [3],
    });
  });

  test('a program that gave nobody a buffer has shown nothing', ({ assert }) => {
    const prediction = predicted('heap:reserved', [record('heap:reserved', true)]);
    const { contradictions } = compare({ provider: 'heap:reserved', buffers: [] }, prediction);
    assert.lengthOf(contradictions, 1);
  });

  test('another errno than the predicted one is a contradiction', ({ assert }) => {
    const prediction = predicted('udmabuf', [record('udmabuf', false), SCATTERED_IS_REFUSED]);
    const buffers = given('refused').map((buffer) => ({ ...buffer, errno: 'ENOMEM' }));
    const { contradictions } = compare({ provider: 'udmabuf', buffers }, prediction);
    assert.match(contradictions.join(), /ENOMEM.*predicted was EINVAL/);
  });

  test('every buffer is as predicted, lucky, unanswered, or contradicts', ({ assert }) => {
    const answers = fc.array(fc.constantFrom('accepted', 'refused', 'none'), { minLength: 1 });
    const predictions = fc.record({
      answer: fc.constantFrom('accepted', 'refused', 'unknown'),
      errno: fc.constantFrom(null, 'EINVAL'),
      luck: fc.boolean(),
      proof: fc.constant([]),
    });
    fc.assert(
      fc.property(answers, predictions, (list, prediction) => {
        const buffers = given(...list);
        const { contradictions, lucky, unanswered } = compare(
          { provider: 'udmabuf', buffers },
          prediction,
        );
        const asPredicted = buffers.filter(({ answer }) => answer === prediction.answer).length;
        const total = asPredicted + contradictions.length + lucky.length + unanswered.length;
        assert.equal(total, buffers.length);
        if (!prediction.luck || prediction.answer !== 'refused') assert.isEmpty(lucky);
        if (prediction.answer === 'unknown') assert.equal(asPredicted, 0);
      }),
    );
  });
});
