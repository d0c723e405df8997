import { causesOf } from './causes.ts';
import { describeCell, rerunCommand } from './describe.ts';
import { environmentOf, isVirtual, kindOf } from './environment.ts';
import { GLYPHS, OF_CLAIMS } from './glyphs.ts';
import { type BoardMatrix, boardMatrices, type Counts } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { safeJsonText } from './sanitize.ts';

/** The version of the JSON report. A reader refuses another. */
export const JSON_REPORT_SCHEMA = 1;

function countsOf({ total, states, unexpected, missing }: Counts) {
  const each = Object.fromEntries(GLYPHS.map(({ state }) => [state, states.get(state) ?? 0]));
  return { total, unexpected, missingAttempts: missing, states: each };
}

function basisOf({ tried, state }: MatrixCell): 'measured' | 'claimed' | null {
  if (tried > 0) return 'measured';
  return state === 'claimed' ? 'claimed' : null;
}

/** What was measured on another board, which is named, and is no result of this one. */
function standInOf({ run }: BoardMatrix, { standIn }: MatrixCell) {
  if (!standIn || !run.standIn) return null;
  const { outcome = 'not-run', stage = null, errno = null } = standIn.shown ?? {};
  const { board, run: there, profileName } = run.standIn.run;
  return {
    board,
    profile: profileName,
    virtual: isVirtual(run.standIn.run),
    run: there?.id ?? null,
    cell: standIn.cell.id,
    basis: basisOf(standIn),
    state: standIn.state,
    outcome,
    stage,
    errno,
  };
}

function cellOf(board: BoardMatrix, entry: MatrixCell) {
  const { cell, shown } = entry;
  const outcomes = entry.attempts.map(({ record }) => record.outcome);
  return {
    cell: cell.id,
    suite: cell.suite,
    backend: cell.backend,
    importer: cell.importer,
    format: cell.format,
    width: cell.width,
    height: cell.height,
    modifier: cell.modifier,
    state: entry.state,
    /** Null where a profile's claim stands in its place. */
    outcome: shown?.outcome ?? (OF_CLAIMS.has(entry.state) ? null : 'not-run'),
    lucky: entry.state === 'lucky',
    stage: shown?.stage ?? null,
    errno: shown?.errno ?? null,
    reason: entry.reason,
    cause: entry.cause,
    line: describeCell(entry),
    expected: entry.expected,
    why: entry.why,
    expectReason: entry.expectReason,
    witness: entry.witness,
    passes: entry.passes,
    tried: entry.tried,
    missing: entry.missing,
    /** What the outcome rests on; null where there is none. */
    basis: basisOf(entry),
    /** What was expected of the cell; of one that was not measured, all that is said of it. */
    expectation: entry.claim,
    standIn: standInOf(board, entry),
    attempts: outcomes,
    us: shown?.us ?? null,
    again: rerunCommand(board.run, entry),
  };
}

function boardOf(board: BoardMatrix) {
  const { run } = board;
  return {
    board: run.board,
    label: board.label,
    title: run.title,
    profile: run.profileName,
    virtual: isVirtual(run),
    kind: kindOf(run),
    /** Null: no run, only what the profile claims. */
    run: run.run,
    standIn: run.standIn ? { board: run.standIn.run.board, differs: run.standIn.differs } : null,
    incomplete: run.incomplete ?? null,
    findings: run.findings ?? [],
    /** The evidence: every attempt with its ladder, one line each, beside run.json. */
    records: { run: run.run?.id ?? null, file: 'records.ndjson', lines: run.records.length },
    environment: Object.fromEntries(environmentOf(run).map(({ name, value }) => [name, value])),
    counts: countsOf(board.counts),
    causes: causesOf(board.cells).map(({ cause, sureness, cells }) => ({
      cause,
      sureness,
      cells: cells.length,
      example: cells[0]?.cell.id ?? null,
    })),
    experiments: { file: 'experiments.ndjson', lines: run.experiments?.length ?? 0 },
    rows: board.rows.map(({ label, backend }) => ({ label, backend })),
    columns: board.groups.flatMap(({ suite, importer, formats }) =>
      formats.map((format) => ({ suite, importer: importer || null, format })),
    ),
  };
}

/** The runs as JSON. */
export const jsonReport = (runs: readonly BoardRun[]): string => jsonOf(boardMatrices(runs));

/** The matrices as JSON: stable order, one line a cell, so that two reports can be compared. */
export function jsonOf(matrices: readonly BoardMatrix[]): string {
  const boards = matrices.map((board) => {
    const head = JSON.stringify(boardOf(board), null, 2).replace(/\n\}$/, ',');
    const cells = board.cells.map((entry) => `    ${JSON.stringify(cellOf(board, entry))}`);
    return `${head}\n  "cells": [\n${cells.join(',\n')}\n  ]\n}`;
  });
  const head = { schema: JSON_REPORT_SCHEMA, kind: 'bufmatrix-report' };
  return safeJsonText(
    `${JSON.stringify(head).slice(0, -1)},"boards":[\n${boards.join(',\n')}\n]}\n`,
  );
}
