import type { CellRecord } from '../suites/record.ts';
import { describeRecord, duration } from './describe.ts';
import { oneLine } from './sanitize.ts';

/** One attempt as lines of plain text: its rungs with their times, what was seen, the kernel log. */
export function ladderText(record: CellRecord): string[] {
  const rungs = record.stages.map(({ name, result, errno, us, detail }) => {
    const end = [errno, detail].flatMap((text) => (text ? [oneLine(text)] : [])).join(': ');
    return `  ${name.padEnd(12)} ${result.padEnd(11)} ${duration(us).padStart(8)}  ${end}`.trimEnd();
  });
  const { buffer, verify } = record;
  const facts = [
    buffer &&
      `  buffer: ${buffer.size} bytes, ${buffer.segments ?? 'unknown'} segments, longest run ${buffer.longestRun ?? 'unknown'} bytes, strides ${buffer.strides.join(' ')}`,
    verify &&
      `  verify: ${verify.wrong} of ${verify.compared} wrong, tolerance ${verify.tolerance}, control ${verify.control}`,
    record.heldBy && `  held: ${oneLine(record.heldBy)}`,
  ].filter((line) => typeof line === 'string');
  const log = (title: string, lines: readonly string[]) =>
    lines.length ? [`  ${title}:`, ...lines.map((line) => `    ${oneLine(line)}`)] : [];
  return [
    `attempt ${record.attempt}: ${describeRecord(record)}, ${duration(record.us)}`,
    ...rungs,
    ...facts,
    ...log('kernel log', record.kernelLog),
    ...log('stderr', record.stderr),
  ];
}
