import type { Verdict } from '../../policies/verdict.ts';
import { oneLine } from '../sanitize.ts';
import type { TerminalOptions } from '../terminal.ts';
import { wrap } from '../text-grid.ts';
import { checkText } from './check.ts';

const WHAT: Readonly<Record<Verdict['steps'][number]['what'], string>> = {
  condition: 'condition',
  node: 'is there',
  open: 'opens',
  allocate: 'allocates',
  probe: 'tries an import',
  use: 'is used',
};

/** Each verdict step by step: what the program asks, what the board answers, and what it does then. */
export function explainText(verdicts: readonly Verdict[], options: TerminalOptions = {}): string {
  const { columns = 80 } = options;
  const lines = verdicts.flatMap((verdict) => {
    const { board, policy, useCase, steps } = verdict;
    const out = [oneLine(`${policy}, ${useCase}, on ${board}`)];
    let before = '';
    for (const step of steps) {
      const { stream, provider, backend, what, consumer, answer, why, proof, does } = step;
      const place = `${stream}: ${provider}${backend && backend !== provider ? ` = ${backend}` : ''}`;
      if (place !== before) out.push(...wrap(place, columns, '    ', '  '));
      before = place;
      const asked = consumer ? `${WHAT[what]} (${consumer})` : WHAT[what];
      const text = `${asked}: ${answer}, ${why}${does === 'goes on' ? '' : ` -> ${does}`}`;
      out.push(...wrap(oneLine(text), columns, '      ', '    '));
      for (const cell of proof.slice(0, 2))
        out.push(...wrap(oneLine(cell), columns, '        ', '      '));
    }
    return [...out, ''];
  });
  return `${lines.join('\n')}\n${checkText(verdicts, options)}`;
}
