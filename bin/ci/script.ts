import { shellQuote } from '../../runners/transports/quote.ts';
import { type CiLab, WAIT_SECONDS } from './job.ts';

/**
 * Lines of shell that jobs share. What comes from the lab file reaches them in variables alone:
 * BUFMATRIX_BOARD, BUFMATRIX_LAB, BUFMATRIX_BASELINE, BUFMATRIX_VARIES.
 */

/** @param folder where it is installed, as the shell reads it. */
export const installLine = (folder: string) =>
  `npm install --no-audit --no-fund --prefix "${folder}" -- "\${BUFMATRIX_PACKAGE:?name the package of bufmatrix}"`;

/** @param out where results are put, as the shell reads it. */
export const runLine = ({ path }: Pick<CiLab, 'path'>, out: string) =>
  `bufmatrix run${path === null ? '' : ' --lab "$BUFMATRIX_LAB"'} --wait ${WAIT_SECONDS} --out "${out}" -- "$BUFMATRIX_BOARD"`;

/** Sets `run` to the folder of the only run. */
export const findRunLine = (out: string) =>
  `run=$(find "${out}" -mindepth 1 -maxdepth 1 -type d | head -n 1)`;

/** A report does not decide again: what is not as expected has failed the run's step. */
export const reportLine = (format: string) =>
  `bufmatrix report --format ${shellQuote(format)} -- "$run" || [ $? -eq 1 ]`;

/** Against the baseline file, where the repository has one. */
export const gateLines = (say: string) => [
  'if [ -f "$BUFMATRIX_BASELINE" ]; then',
  '  bufmatrix gate --baseline "$BUFMATRIX_BASELINE" --candidate "$run" --varies "$BUFMATRIX_VARIES"',
  'else',
  `  echo ${shellQuote(`${say}no baseline, so nothing was compared; keep one in git: bufmatrix gate --candidate RUN --write-baseline FILE`)}`,
  'fi',
];

/** Variables of one job. What is under test may be named anew in the file. */
export const jobVariables = ({ path }: Pick<CiLab, 'path'>, board: string) => ({
  BUFMATRIX_BOARD: board,
  ...(path === null ? {} : { BUFMATRIX_LAB: path }),
  BUFMATRIX_BASELINE: `baselines/${board}.ndjson`,
  BUFMATRIX_VARIES: 'kernel',
});

export const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;
