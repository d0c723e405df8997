import { test } from '@japa/runner';
import { StageFailure } from '../board.ts';
import { FORMATS, formatNamed } from '../formats.ts';
import { frameLayout } from '../layout.ts';
import { planeEnd, requireFit } from './frame-fit.ts';

test('{name}: the dma-buf may end with the last pixel, and no byte before it')
  .with(FORMATS.map(({ name }) => ({ name })))
  .run(({ assert }, { name }) => {
    // 1000 pixels are no multiple of the stride's alignment: the last row has padding.
    const layout = frameLayout(formatNamed(name), 1000, 10);
    const end = Math.max(...layout.planes.map(planeEnd));
    assert.isAtMost(end, layout.size);
    requireFit({ layout, size: end });
    try {
      requireFit({ layout, size: end - 1 });
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      assert.equal(error.kind, 'failed');
      assert.include(error.message, `ends at ${end}, the dma-buf at ${end - 1}`);
      return;
    }
    assert.fail('a frame larger than its dma-buf was taken');
  });
