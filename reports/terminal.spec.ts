import { stripVTControlCharacters } from 'node:util';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { terminalReport } from './terminal.ts';
import { HOSTILE, sampleHostile, sampleRuns, sampleUnreachable } from './testing/sample.ts';
import { wrap } from './text-grid.ts';

const every = ['XR24', 'AR24', 'NV12', 'YU12', 'R8', 'GR88', 'R16', 'GR32'];
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test.group('terminal', () => {
  for (const columns of [60, 80, 132])
    test(`fits ${columns} columns with eight formats and long names`, ({ assert }) => {
      const runs = sampleRuns({ formats: every });
      assert.isAtMost(longest(terminalReport(runs, { columns })), columns);
      assert.isAtMost(longest(terminalReport([sampleHostile()], { columns })), columns);
    });

  test('has no escape sequence unless colours are asked for', ({ assert }) => {
    assert.notInclude(terminalReport(sampleRuns()), '\u001b');
    const coloured = terminalReport(sampleRuns(), { colour: true });
    assert.include(coloured, '\u001b[');
    assert.equal(stripVTControlCharacters(coloured), terminalReport(sampleRuns()));
  });

  test('lets no control character of a board through', ({ assert }) => {
    const text = terminalReport([sampleHostile()]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    assert.include(text, '</script>');
  });

  test('says what is not as expected with stage, errno and reason', ({ assert }) => {
    const text = terminalReport(sampleRuns()).replace(/\s+/g, ' ');
    assert.include(text, 'egl-sample/udmabuf/egl:vkms/XR24/640x480/0x0 crash at draw SIGSEGV');
    assert.include(text, 'flaky 2/3: pass, refused at streamon ENOMEM');
    assert.include(text, 'NOT COMPLETE: lost: no answer for 120 s');
    assert.include(text, 'virtual board (QEMU), real kernel and drivers · kernel 6.12.94');
    assert.match(text, /224 cells: .*; 81 planned attempts missing; 65 NOT AS EXPECTED/);
  });

  test('a board that never answered is not all as expected', ({ assert }) => {
    const text = terminalReport([sampleUnreachable()]);
    assert.include(text, '0 cells; nothing was tried');
    assert.include(text, 'NOT COMPLETE: unreachable');
    assert.notInclude(text, 'all as expected');
  });

  test('always prints the legend', ({ assert }) => {
    assert.match(terminalReport([]), /^Legend: .*P pass/);
  });
});

test.group('wrap', () => {
  test('keeps every character and no line too long', ({ assert }) => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 8, max: 90 }), (text, width) => {
        const lines = wrap(text, width, '  ', ' ');
        assert.isTrue(lines.every((line) => line.length <= width));
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      }),
    );
    assert.isAtMost(longest(wrap(HOSTILE, 40).join('\n')), 40);
  });
});
