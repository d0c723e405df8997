import { test } from '@japa/runner';
import { StageFailure } from '../board.ts';
import { requireLinear } from './linear.ts';

const X_TILED = 0x0100000000000001n;

test('linear memory is taken, and what was asked for as such')
  .with([
    { asked: '0x0', modifier: 0n },
    { asked: null, modifier: 0n },
    { asked: '0x0', modifier: null },
  ])
  .run((_context, { asked, modifier }) => {
    requireLinear({ modifier: asked }, { modifier }, 'CPU access to a buffer');
  });

test('memory that is tiled, or may be, is a missing capability')
  .with([
    { asked: '0x0', modifier: X_TILED, name: '0x100000000000001' },
    { asked: null, modifier: X_TILED, name: '0x100000000000001' },
    { asked: null, modifier: null, name: 'unknown' },
  ])
  .run(({ assert }, { asked, modifier, name }) => {
    try {
      requireLinear({ modifier: asked }, { modifier }, 'a V4L2 frame');
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      assert.equal(error.kind, 'unsupported');
      assert.equal(error.message, `a V4L2 frame that may be tiled (modifier ${name})`);
      return;
    }
    assert.fail('it was taken');
  });
