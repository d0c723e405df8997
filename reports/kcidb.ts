import { createHash } from 'node:crypto';
import { sourceWords } from '../suites/claim.ts';
import type { Inventory } from '../suites/inventory.ts';
import { tellCell } from './causes.ts';
import { describeRecord, rerunCommand, ruleOf } from './describe.ts';
import { environmentOf, isVirtual, kindOf } from './environment.ts';
import { GLYPHS } from './glyphs.ts';
import { boardStatus, cellStatus, type KcidbStatus } from './kcidb-status.ts';
import { ladderText } from './ladder.ts';
import { type BoardMatrix, boardMatrices } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine, safeJson } from './sanitize.ts';

/** Who submits, where nobody has said: KCIDB wants `[a-z0-9_]+`. */
export const KCIDB_ORIGIN = 'bufmatrix';

/** The version of KCIDB's schema that is written (github.com/kernelci/kcidb-io). */
const VERSION = { major: 5, minor: 3 } as const;

/** Characters of a log excerpt that the schema allows. */
const EXCERPT = 16_384;

type Run = NonNullable<BoardRun['run']>;
type RanMatrix = BoardMatrix & { readonly run: BoardRun & { readonly run: Run } };

/** The part of a KCIDB `test` that is used here. Times are ISO 8601, UTC; `duration` is in seconds. */
interface KcidbTest {
  readonly id: string;
  readonly origin: string;
  readonly build_id: string;
  readonly path: string;
  readonly status: KcidbStatus;
  readonly comment: string;
  readonly log_excerpt?: string;
  readonly start_time?: string;
  readonly duration?: number;
  readonly environment: object;
  readonly misc: object;
}

/** Every string of a board's making in what is sent: one line, no controls, no NUL. */
const clean = (text: string) => oneLine(text);
const cleanAll = (texts: readonly string[]) => texts.map(clean);

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A step of a path may hold no more than `[a-zA-Z0-9_-]`; the cell's own id is in `misc`. */
const step = (text: string) => text.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || '_';

function cellPath({ cell }: MatrixCell): string {
  return ['bufmatrix', ...cell.id.split('/')].map(step).join('.');
}

/** Of the kernel that ran, no more is known than it says of itself: neither commit nor tree. */
function kernelOf({ run }: RanMatrix) {
  const kernel = run.inventory?.kernel;
  if (!kernel) {
    const unknown = `unknown/${clean(run.run.id)}/${clean(run.board)}`;
    return { local: unknown, comment: 'a kernel that was never reached', kernel: null };
  }
  const { release, version, machine } = kernel;
  const local = `${clean(release)}/${digest(`${release}\n${version}\n${machine}`)}`;
  return { local, comment: clean(`Linux ${release} ${version} ${machine}`), kernel };
}

function checkoutOf(board: RanMatrix, origin: string) {
  const { local, comment, kernel } = kernelOf(board);
  const known = kernel
    ? { release: clean(kernel.release), version: clean(kernel.version) }
    : { reached: false };
  return { id: `${origin}:${local}`, origin, comment, misc: { bufmatrix: known } };
}

function buildOf(board: RanMatrix, origin: string) {
  const { id, comment } = checkoutOf(board, origin);
  const machine = board.run.inventory?.kernel.machine.toLowerCase() ?? '';
  const architecture = /^[a-z0-9_]+$/.test(machine) ? { architecture: machine } : {};
  return { id, origin, checkout_id: id, comment, ...architecture };
}

/** `compatible` as the device tree has it, as far as the schema allows what it says. */
function compatibleOf(inventory: Inventory | null) {
  const compatible = cleanAll(inventory?.identity.compatible ?? []).filter((value) =>
    /^[^ \0,]+(,[^ \0,]+)*$/.test(value),
  );
  return compatible.length ? { compatible } : {};
}

function environmentObject({ run }: RanMatrix, facts: object = {}) {
  return {
    ...compatibleOf(run.inventory),
    comment: clean(`${run.board}: ${run.title} (${kindOf(run)})`),
    misc: { platform: clean(run.board), virtual: isVirtual(run), ...facts },
  };
}

/** When the first attempt began: it was received when it had ended. */
function timesOf({ attempts }: MatrixCell) {
  if (!attempts.length) return {};
  const first = attempts[0]?.record;
  const began = first ? Date.parse(first.at) - first.us / 1000 : Number.NaN;
  const us = attempts.reduce((sum, { record }) => sum + record.us, 0);
  const start = Number.isFinite(began) ? { start_time: new Date(began).toISOString() } : {};
  return { ...start, duration: us / 1e6 };
}

function excerptOf({ attempts }: MatrixCell) {
  const text = attempts.flatMap(({ record }) => ladderText(record)).join('\n');
  if (!text) return {};
  const cut = text.length > EXCERPT ? `${text.slice(0, EXCERPT - 2).toWellFormed()}\n…` : text;
  return { log_excerpt: cut };
}

function cellTest(board: RanMatrix, entry: MatrixCell, origin: string): KcidbTest | null {
  const status = cellStatus(entry);
  if (status === null) return null;
  const { run } = board;
  const { cell, shown, claim } = entry;
  const known = status === 'FAIL' && entry.expected ? 'known: ' : '';
  return {
    id: `${origin}:${clean(run.run.id)}/${clean(run.board)}/${clean(cell.id)}`,
    origin,
    build_id: checkoutOf(board, origin).id,
    path: cellPath(entry),
    status,
    comment: clean(known + tellCell(entry)),
    ...excerptOf(entry),
    ...timesOf(entry),
    environment: environmentObject(board),
    misc: {
      bufmatrix: {
        cell: clean(cell.id),
        state: entry.state,
        outcome: shown?.outcome ?? 'not-run',
        stage: shown?.stage ?? null,
        errno: shown?.errno == null ? null : clean(shown.errno),
        attempts: entry.attempts.map(({ record }) => clean(describeRecord(record))),
        missing: entry.missing,
        expected: entry.expected,
        rule: ruleOf(entry),
        witness: entry.witness,
        cause: entry.cause && { cause: entry.cause.cause, sureness: entry.cause.sureness },
        claim: claim && { basis: claim.basis, source: clean(sourceWords(claim)) },
        again: rerunCommand(run, entry),
        run: clean(run.run.id),
        harness: clean(run.run.harness ?? ''),
      },
    },
  };
}

/** The board as a whole: a run that broke off, or never began, would else not be seen to be missing. */
function boardTest(board: RanMatrix, origin: string): KcidbTest {
  const { run, cells, counts } = board;
  const facts = environmentOf(run).map(({ name, value }) => [name, value] as const);
  const began = Date.parse(run.run.startedAt);
  const states = GLYPHS.map(({ state }) => [state, counts.states.get(state) ?? 0] as const);
  return {
    id: `${origin}:${clean(run.run.id)}/${clean(run.board)}`,
    origin,
    build_id: checkoutOf(board, origin).id,
    path: 'bufmatrix',
    status: boardStatus(run, cells),
    comment: clean(run.incomplete ?? `${counts.total} cells, ${counts.unexpected} not as expected`),
    ...(Number.isFinite(began) ? { start_time: new Date(began).toISOString() } : {}),
    environment: environmentObject(board, { facts: Object.fromEntries(facts) }),
    misc: {
      bufmatrix: {
        unexpected: counts.unexpected,
        states: Object.fromEntries(states.filter(([, count]) => count > 0)),
        findings: (run.findings ?? []).map(({ at, what, text }) => clean(`${at} ${what}: ${text}`)),
      },
    },
  };
}

const hasRun = (board: BoardMatrix): board is RanMatrix => board.run.run !== null;

const byId = <T extends { readonly id: string }>(list: readonly T[]): T[] => [
  ...new Map(list.map((one) => [one.id, one])).values(),
];

/**
 * A submission to KCIDB (schema 5.3): a checkout and a build for each kernel, a test for each cell
 * that a run was to try, and one for each board as a whole. What was not asked for, and what is only
 * claimed, is no test and is not there.
 * @param origin who submits, `[a-z0-9_]+`; ids begin with it.
 */
export function kcidbSubmission(runs: readonly BoardRun[], origin: string): string {
  const boards = boardMatrices(runs).filter(hasRun);
  const list = (values: readonly object[]) =>
    values.length ? `[\n${values.map(safeJson).join(',\n')}\n]` : '[]';
  const tests = boards.flatMap((board) => [
    boardTest(board, origin),
    ...board.cells.flatMap((entry) => cellTest(board, entry, origin) ?? []),
  ]);
  return [
    `{"version":${safeJson(VERSION)}`,
    `"checkouts":${list(byId(boards.map((board) => checkoutOf(board, origin))))}`,
    `"builds":${list(byId(boards.map((board) => buildOf(board, origin))))}`,
    `"tests":${list(byId(tests))}}\n`,
  ].join(',\n');
}

/** The same under bufmatrix' own name: to look at, and to send by hand. */
export function kcidbReport(runs: readonly BoardRun[]): string {
  return kcidbSubmission(runs, KCIDB_ORIGIN);
}
