import { annotationsReport } from './annotations.ts';
import { csvReport } from './csv.ts';
import { htmlReport } from './html/index.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { kcidbReport } from './kcidb.ts';
import { ktapReport } from './ktap.ts';
import { mailReport } from './mail.ts';
import { markdownReport } from './markdown.ts';
import type { BoardRun } from './model.ts';
import { recordsReport } from './records.ts';
import { summaryReport } from './summary.ts';
import { type TerminalOptions, terminalReport } from './terminal.ts';

/** A way to write the matrices of several boards. */
export interface ReportFormat {
  /** The name of the file that holds it. */
  readonly file: string;
  /** Pure: the same boards make the same text. The options concern the terminal only. */
  readonly write: (runs: readonly BoardRun[], options?: TerminalOptions) => string;
}

/** Every format by the name that `report --format` takes. A new one is a new row. */
export const FORMATS = {
  terminal: { file: 'matrix.txt', write: terminalReport },
  json: { file: 'matrix.json', write: jsonReport },
  markdown: { file: 'matrix.md', write: markdownReport },
  junit: { file: 'junit.xml', write: junitReport },
  html: { file: 'matrix.html', write: htmlReport },
  summary: { file: 'summary.md', write: summaryReport },
  mail: { file: 'mail.txt', write: mailReport },
  github: { file: 'annotations.txt', write: annotationsReport },
  ktap: { file: 'matrix.ktap', write: ktapReport },
  kcidb: { file: 'kcidb.json', write: kcidbReport },
  csv: { file: 'cells.csv', write: csvReport },
  records: { file: 'judged.ndjson', write: recordsReport },
} as const satisfies Readonly<Record<string, ReportFormat>>;

export type FormatName = keyof typeof FORMATS;

export { KCIDB_ORIGIN, kcidbSubmission } from './kcidb.ts';
export { boardMatrices, boardMatrix, countUnexpected } from './matrix.ts';
export type { BoardFinding, BoardRun, Expectation, MatrixCell, StandIn } from './model.ts';
export { oneLine } from './sanitize.ts';
export type { TerminalOptions } from './terminal.ts';
