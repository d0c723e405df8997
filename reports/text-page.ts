import picocolors from 'picocolors';
import { oneLine } from './sanitize.ts';
import type { TerminalOptions } from './terminal.ts';
import { wrap } from './text-grid.ts';

/** A page of text for a terminal: lines that fit its width, painted where it shows colours. */
export class TextPage {
  readonly lines: string[] = [];
  protected readonly columns: number;
  protected readonly colours: ReturnType<typeof picocolors.createColors>;

  constructor({ columns = 80, colour = false }: TerminalOptions) {
    this.columns = Math.max(40, columns);
    this.colours = picocolors.createColors(colour);
  }

  /** @param first stands before the first line, `indent` before the others. */
  protected write(text: string, indent = '', first = '', paint = (line: string) => line): void {
    for (const line of wrap(oneLine(text), this.columns, indent, first))
      this.lines.push(paint(line));
  }
}
