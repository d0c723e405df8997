import { claimWords, sourceWords } from '../suites/claim.ts';
import type { CellRecord } from '../suites/record.ts';
import { importerLabel, sizeLabel } from './fold.ts';
import { claimLetters, glyphOf } from './glyphs.ts';
import type { Counts, Slot } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine, shellQuote } from './sanitize.ts';

/** `refused at prime-import EINVAL`, `lucky pass`, `crash at draw SIGSEGV`. */
export function describeRecord(record: CellRecord): string {
  if (record.outcome === 'pass') return record.lucky ? 'lucky pass' : 'pass';
  const stage = record.stage ? ` at ${record.stage}` : '';
  const errno = record.errno ? ` ${oneLine(record.errno)}` : '';
  return `${record.outcome}${stage}${errno}`;
}

/** A cell's ladder in a few words: `flaky 2/3: pass, refused at qbuf EFAULT`. */
export function describeCell(entry: MatrixCell): string {
  if (entry.state === 'flaky') {
    const seen = entry.attempts.map(({ record }) => describeRecord(record));
    return `flaky ${entry.passes}/${entry.tried}: ${[...new Set(seen)].join(', ')}`;
  }
  if (entry.state === 'filtered') return 'not-run: filtered';
  if (entry.state === 'unknown') return 'unknown: not measured, and nothing is claimed';
  if (entry.state === 'claimed' && entry.claim)
    return `claimed, not measured: ${claimWords(entry.claim)}`;
  return entry.shown ? describeRecord(entry.shown) : 'not-run';
}

/** The same with the reason. */
export function explainCell(entry: MatrixCell): string {
  const reason = entry.reason ? `: ${oneLine(entry.reason)}` : '';
  return `${describeCell(entry)}${entry.state === 'filtered' ? '' : reason}`;
}

/** Why a cell ran that no filter asked for. */
export const WITNESS_WORDS = 'witness: tells a pass from luck';

/** ` (witness)` behind the name of a cell that nobody asked for, else nothing. */
export const witnessMark = ({ witness }: MatrixCell): string => (witness ? ' (witness)' : '');

/** Whether everything in one place of a table was asked for by nobody. */
export function isWitnessSlot({ cells }: Slot): boolean {
  const ran = cells.filter(({ state }) => state !== 'filtered');
  return ran.length > 0 && ran.every(({ witness }) => witness);
}

/** By which rule the cell is as expected or not, with the profile's reason and where it is from. */
export function ruleOf({ state, why, expectReason, claim }: MatrixCell): string {
  const reason = expectReason && !why.includes(expectReason) ? ` (${expectReason})` : '';
  const source = claim ? [sourceWords(claim)] : [];
  return oneLine([...(state === 'claimed' ? [] : [why + reason]), ...source].join('; '));
}

/** ` (14 of 20 passed, as expected: 60 to 95 %)` where the profile says how often, else nothing. */
export const rateNote = ({ claim, tried, why }: MatrixCell): string =>
  claim?.rate && tried ? ` (${oneLine(why)})` : '';

/** `all as expected`, or how many cells are not. A board without cells has shown nothing. */
export function verdictOf({ total, unexpected, measured }: Counts): string {
  if (!total) return 'nothing was tried';
  if (!measured && !unexpected) return 'nothing was measured';
  return unexpected ? `${unexpected} not as expected` : 'all as expected';
}

/** The same of several boards: one that broke off, or never began, is named in it. */
export function verdictOfAll(
  counts: Counts,
  runs: readonly Pick<BoardRun, 'incomplete'>[],
): string {
  const broken = runs.filter(({ incomplete }) => incomplete).length;
  const boards = broken === 1 ? '1 board' : `${broken} boards`;
  return verdictOf(counts) + (broken ? `; ${boards} not complete` : '');
}

/** The letter of a place, or in parentheses those of the claims there: `R`, `(R)`, `(Pu?)`. */
export function slotLetter(slot: Slot): string {
  if (slot.state !== 'claimed') return glyphOf(slot.state).letter;
  const outcomes = slot.cells.flatMap(({ claim }) => claim?.outcome ?? []);
  return claimLetters(
    outcomes,
    slot.cells.some(({ state }) => state === 'unknown'),
  );
}

/**
 * The letter with its marks: `R`, `F2/3`, `P*` where sizes differ, `R!` where it is unexpected, `Rw`
 * where only witnesses ran.
 */
export function slotText(slot: Slot): string {
  if (slot.state === 'claimed') return slotLetter(slot);
  const flaky = slot.cells.find((entry) => entry.state === 'flaky');
  const share = slot.state === 'flaky' && flaky ? `${flaky.passes}/${flaky.tried}` : '';
  const mark = `${isWitnessSlot(slot) ? 'w' : ''}${slot.differ ? '*' : ''}${slot.unexpected ? '!' : ''}`;
  return `${glyphOf(slot.state).letter}${share}${mark}`;
}

/** The command that runs this one cell again, on the board as the run's own lab file knew it. */
export function rerunCommand(run: BoardRun, entry: MatrixCell): string | null {
  if (!run.run) return null;
  const lab = labOf(run.run.command ?? []);
  const known = lab === undefined ? '' : ` --lab ${shellQuote(lab)}`;
  return `bufmatrix run ${shellQuote(run.board)}${known} --cell ${shellQuote(entry.cell.id)}`;
}

/** What follows `--lab` in a command; the last one counts. */
function labOf(command: readonly string[]): string | undefined {
  return command
    .flatMap((word, index) => {
      if (word.startsWith('--lab=')) return [word.slice('--lab='.length)];
      return word === '--lab' ? command.slice(index + 1, index + 2) : [];
    })
    .at(-1);
}

/** Cells alike in suite, backend, importer and what became of them: one line says it for all. */
export interface Alike {
  readonly first: MatrixCell;
  readonly cells: readonly MatrixCell[];
}

/** What was never tried says nothing of the memory: there, backends fold as well. */
const NOT_ABOUT_MEMORY = new Set<MatrixCell['state']>([
  'not-run',
  'blocked',
  'unknown',
  // A claim that is made of several backends says so by one reason.
  'claimed',
]);
const aboutMemory = ({ state }: MatrixCell) => !NOT_ABOUT_MEMORY.has(state);

/** Folds cells that say the same thing, but for its numbers, of different formats and sizes. */
export function foldAlike(cells: readonly MatrixCell[]): Alike[] {
  const groups = Map.groupBy(cells, (entry) =>
    [
      entry.cell.suite,
      aboutMemory(entry) ? `${entry.cell.backend} ${entry.cell.modifier}` : '',
      importerLabel(entry.cell),
      describeCell(entry),
      entry.reason?.replace(/\d+/g, '#'),
      entry.standIn && describeCell(entry.standIn),
    ].join('\n'),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first ? [{ first, cells: members }] : [];
  });
}

/** `+3 alike: NV12 640x480, ...` for what a folded line stands for beside its first. */
export function alikeLabel({ first, cells }: Alike, most = 4): string {
  const others = cells.slice(1);
  if (!others.length) return '';
  const backend = (entry: MatrixCell) => (aboutMemory(first) ? '' : `${entry.cell.backend} `);
  const names = others
    .slice(0, most)
    .map((entry) => `${backend(entry)}${entry.cell.format} ${sizeLabel(entry.cell)}`);
  return `+${others.length} alike: ${names.join(', ')}${others.length > most ? ', …' : ''}`;
}

/** `1.2 ms`, `340 µs`, `2.31 s`. */
export function duration(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(2)} s`;
}
