import { isLeanRecord, type LeanRecord } from '../../suites/lean-record.ts';
import { type ByteRange, eachLine } from './each-line.ts';
import { foreign, parseRecord } from './run-files.ts';

/**
 * Hands on what verdicts hang on of every record of records.ndjson, and keeps none of them. A line
 * that is not as it should be in that gets the whole check, and its words.
 * @param add returns false for an attempt that was there before.
 * @param range what of the file is read, from a line's beginning; line numbers count from there.
 * @returns bytes of a line that was cut by a kill.
 * @throws UserError with file:line of a foreign line.
 */
export function eachRecord(
  path: string,
  add: (record: LeanRecord) => boolean,
  range?: ByteRange,
): number {
  const see = (line: string, number: number) => {
    if (line === '') return;
    const value = parsed(line);
    const record = isLeanRecord(value) ? value : parseRecord(line, path, number);
    if (!add(record))
      throw foreign(path, number, `${record.cell} has attempt ${record.attempt} twice`);
  };
  return eachLine(path, see, range);
}

/** Undefined for what is not JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
