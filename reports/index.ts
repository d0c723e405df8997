import { htmlReport } from './html/index.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import type { BoardRun } from './model.ts';
import type { FormatName } from './names.ts';
import { type TerminalOptions, terminalReport } from './terminal.ts';

/** A way to write the matrices of several boards. */
export interface ReportFormat {
  /** The name of the file that holds it. */
  readonly file: string;
  /** Pure: the same boards make the same text. The options concern the terminal only. */
  readonly write: (runs: readonly BoardRun[], options?: TerminalOptions) => string;
}

/** Every format by its name. A new one is a new row, and a name in ./names.ts. */
export const FORMATS = {
  terminal: { file: 'matrix.txt', write: terminalReport },
  json: { file: 'matrix.json', write: jsonReport },
  markdown: { file: 'matrix.md', write: markdownReport },
  junit: { file: 'junit.xml', write: junitReport },
  html: { file: 'matrix.html', write: htmlReport },
} as const satisfies Readonly<Record<FormatName, ReportFormat>>;

export { boardMatrices, boardMatrix, countUnexpected } from './matrix.ts';
export type { BoardFinding, BoardRun, Expectation, MatrixCell, StandIn } from './model.ts';
export type { FormatName } from './names.ts';
export type { TerminalOptions } from './terminal.ts';
