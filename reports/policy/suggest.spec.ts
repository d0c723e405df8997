import { test } from '@japa/runner';
import { courtOf } from '../../policies/judge.ts';
import { suggest } from '../../policies/suggest.ts';
import {
  contiguousDisplay,
  factsFixture,
  heapsOnly,
  tightCma,
} from '../../policies/testing/facts.ts';
import { UseCase } from '../../policies/use-case.ts';
import { suggestText } from './suggest.ts';

const VIEWFINDER = UseCase.parse({
  schema: 1,
  name: 'viewfinder-kms',
  title: 'a viewfinder',
  buffers: [
    {
      name: 'frame',
      formats: ['NV12'],
      consumers: [{ name: 'display', suite: 'kms-primary', required: true }],
    },
  ],
});

test.group('a suggestion as text', () => {
  test('tells why there is no single order, with reasons and cells, in 80 columns', ({
    assert,
  }) => {
    const pi4 = factsFixture(heapsOnly(contiguousDisplay), { board: 'contiguous-display' });
    const courts = [courtOf(pi4), courtOf(tightCma())];
    const habit = { select: 'first-openable', fallbackOn: [] } as const;
    const text = suggestText(suggest(courts, [VIEWFINDER], { ...habit, fallbackOn: [] }, 'best'));
    for (const line of text.split('\n')) assert.isAtMost(line.length, 80, line);
    assert.include(text, 'No single order holds for all.');
    assert.include(text, 'Why: the smallest contradiction (2)');
    assert.match(text, /bad: udmabuf: breaks, display: refused at prime-import with EINVAL/);
    assert.include(text, 'kms-primary/udmabuf/kms:contig_kms/NV12/1920x1080/0x0');
    assert.match(text, /KiB\s+of\s+CMA/);
  });
});
