import { test } from '@japa/runner';
import { type Ladder, StageFailure } from '../board.ts';
import { Errno } from '../kernel/errno.ts';
import type { VerifyFacts } from '../record.ts';
import { type Picture, verifyCoded } from './v4l2-verify.ts';

/** Keeps what is said inside the rung. */
function listener() {
  const notes: string[] = [];
  const facts: VerifyFacts[] = [];
  const ladder: Ladder = {
    stage: (_name, body) => body(),
    note: (detail) => notes.push(detail),
    verified: (fact) => facts.push(fact),
    buffer: () => {},
    node: () => {},
    cleanup: () => {},
  };
  return { notes, facts, ladder };
}

const A = Buffer.from('coded A');
const B = Buffer.from('coded B');

test('bytes that follow the picture are verified, and steadiness is asked once', ({ assert }) => {
  const asked: Picture[] = [];
  const recode = (picture: Picture) => {
    asked.push(picture);
    return picture === 'same' ? A : B;
  };
  const first = listener();
  verifyCoded('steady', A, recode, first.ladder);
  assert.deepEqual(asked, ['same', 'other']);
  assert.equal(first.facts[0]?.compared, 3);
  assert.equal(first.facts[0]?.wrong, 0);
  const second = listener();
  verifyCoded('steady', A, recode, second.ladder);
  assert.deepEqual(asked, ['same', 'other', 'other']);
  assert.equal(second.facts[0]?.compared, 2);
  assert.isEmpty(second.notes);
});

test('the same bytes for two pictures are wrong', ({ assert }) => {
  const { facts, ladder } = listener();
  verifyCoded('blind', A, () => A, ladder);
  assert.equal(facts[0]?.wrong, 1);
  assert.equal(facts[0]?.first?.got, 'the same bytes for two pictures');
});

test('an encoder that is not steady verifies nothing, and is asked again', ({ assert }) => {
  let codings = 0;
  for (const expected of [1, 2]) {
    const { notes, facts, ladder } = listener();
    verifyCoded('unsteady', A, () => Buffer.from(`coding ${++codings}`), ladder);
    assert.equal(codings, expected);
    assert.deepEqual(notes, ['not verified: two codings of one picture differ']);
    assert.isEmpty(facts);
  }
});

test('a further stream that fails ends the rung with its errno')
  .with([
    { error: new Errno('VIDIOC_STREAMON', 12), code: 'ENOMEM' },
    { error: new StageFailure('failed', 'ETIMEDOUT', 'no buffer'), code: 'ETIMEDOUT' },
  ])
  .run(({ assert }, { error, code }) => {
    const recode = () => {
      throw error;
    };
    try {
      verifyCoded(`failing with ${code}`, A, recode, listener().ladder);
    } catch (caught) {
      if (!(caught instanceof StageFailure)) throw caught;
      assert.equal(caught.errno, code);
      assert.include(caught.message, error.message);
      return;
    }
    assert.fail('it was ignored');
  });
