import type { Cell } from '../suites/cell.ts';
import { foldCells } from './fold.ts';
import type { BoardRun, MatrixCell } from './model.ts';

/** `virtual-no-iommu, a virtual board`: said wherever its result stands beside a claim. */
export function standInLabel({ standIn }: BoardRun): string {
  return standIn ? `${standIn.run.board}, a virtual board` : '';
}

/** A cell by what has a counterpart: not the importer's kind, an output queue stands in for an encoder. */
function keyOf(cell: Cell, named: (name: string) => string): string {
  const { suite, backend, importer, format, width, height, modifier } = cell;
  const [kind = '', name] = backend.split(/:(.*)/);
  const memory = name === undefined ? kind : `${kind}:${named(name)}`;
  const taker = importer ? named(importer.driver) : '-';
  return [suite, memory, taker, format, width, height, modifier].join(' ');
}

/** Finds what was measured in a cell's place on the board's stand-in; null where nothing was. */
export function standInCells({ standIn }: BoardRun): (cell: Cell) => MatrixCell | null {
  if (!standIn) return () => null;
  const measured = foldCells(standIn.run).filter(({ tried }) => tried > 0);
  const byKey = new Map(measured.map((entry) => [keyOf(entry.cell, (name) => name), entry]));
  return (cell) => byKey.get(keyOf(cell, (name) => standIn.names[name] ?? name)) ?? null;
}
