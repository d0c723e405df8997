import { InvalidArgumentError, Option } from 'commander';
import { IMPORTER_KINDS, SUITES } from '../../suites/cell.ts';
import { FORMATS } from '../../suites/formats.ts';
import type { RunOptions } from '../../suites/run.ts';

/** A whole number of at least 1. */
export function positiveInt(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new InvalidArgumentError('it takes a whole number of at least 1.');
  return Number(text);
}

/** For an option that may be given several times. */
export const collect = (value: string, previous: readonly string[] | undefined) => [
  ...(previous ?? []),
  value,
];

/** The lab file; without one only virtual boards are known. */
export const labOption = () =>
  new Option('--lab <file>', 'lab file (default: lab.yaml if there is one)');

/** Options that choose cells. Each may be given several times; a cell must fit one of each. */
export const filterOptions = () => [
  new Option('--suite <name>', 'only this suite (repeatable)')
    .choices(SUITES)
    .argParser(oneOf(SUITES)),
  new Option('--backend <pattern>', 'only this backend; * for any text (repeatable)').argParser(
    collect,
  ),
  new Option(
    '--importer <pattern>',
    `only this importer, KIND:DRIVER, KIND one of ${IMPORTER_KINDS.join(', ')} (repeatable)`,
  ).argParser(collect),
  new Option('--format <fourcc>', 'only this pixel format (repeatable)').argParser(
    oneOf(FORMATS.map((format) => format.name)),
  ),
  new Option('--cell <id>', 'only the cell of this id; * for any text (repeatable)').argParser(
    collect,
  ),
  new Option(
    '--tags <tag>',
    'only cells with this tag; ~@tag for those without (repeatable)',
  ).argParser(collect),
];

function oneOf(known: readonly string[]) {
  return (value: string, previous: string[] | undefined): string[] => {
    if (!known.includes(value)) throw new InvalidArgumentError(`it is one of ${known.join(', ')}.`);
    return [...(previous ?? []), value];
  };
}

/** What those options hold after parsing. */
export type FilterValues = RunOptions['filter'];

/** Those of the command line's values that choose cells. */
export function filterOf({
  suite,
  backend,
  importer,
  format,
  cell,
  tags,
}: FilterValues): FilterValues {
  const all = { suite, backend, importer, format, cell, tags };
  return Object.fromEntries(Object.entries(all).filter(([, given]) => given !== undefined));
}
