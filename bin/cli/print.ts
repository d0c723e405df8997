import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countUnexpected, FORMATS, type FormatName } from '../../reports/index.ts';
import { diskSays } from '../../runners/host/store.ts';
import { loadRun } from './load-run.ts';
import { colourOf } from './output.ts';

/** What every run leaves beside its records. */
const LEFT_BEHIND: readonly FormatName[] = ['html', 'json', 'junit', 'markdown'];

/**
 * Prints a run's matrix and writes its reports into its folder.
 * @returns how many cells are not as expected, those of boards that were complete before included.
 */
export function printRun(folder: string, options: { json: boolean }): number {
  const { boards } = loadRun(folder);
  for (const name of LEFT_BEHIND) {
    const path = join(folder, FORMATS[name].file);
    diskSays(path, () => writeFileSync(path, FORMATS[name].write(boards)));
  }
  const text = options.json
    ? FORMATS.json.write(boards)
    : FORMATS.terminal.write(boards, { colour: colourOf(process.stdout) });
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  process.stderr.write(`reports: ${join(folder, FORMATS.html.file)}\n`);
  return countUnexpected(boards);
}
