import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMATS, type FormatName } from '../../reports/index.ts';
import { loadRun } from './load-run.ts';

/** What every run leaves beside its records. */
const LEFT_BEHIND: readonly FormatName[] = ['html', 'json', 'junit', 'markdown'];

/** Prints a run's matrix and writes its reports into its folder. */
export function printRun(folder: string, options: { json: boolean; colour: boolean }): void {
  const { boards } = loadRun(folder);
  for (const name of LEFT_BEHIND)
    writeFileSync(join(folder, FORMATS[name].file), FORMATS[name].write(boards));
  const text = options.json
    ? FORMATS.json.write(boards)
    : FORMATS.terminal.write(boards, { colour: options.colour });
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  process.stderr.write(`reports: ${join(folder, FORMATS.html.file)}\n`);
}
