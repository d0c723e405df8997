import type { BoardContext, Importer } from '../board.ts';
import type { Cell, ImporterKind } from '../cell.ts';
import { cpuImporter } from './cpu.ts';
import { eglImporter } from './egl.ts';
import { kmsImporter } from './kms.ts';
import { v4l2M2mImporter } from './v4l2-m2m.ts';
import { v4l2OutputImporter } from './v4l2-output.ts';

type ImporterFactory = (driver: string, context: BoardContext) => Importer;

/** Importers by kind. A new one is one file and one row. */
const FACTORIES: Readonly<Record<ImporterKind, ImporterFactory>> = {
  egl: eglImporter,
  kms: kmsImporter,
  'v4l2-m2m': v4l2M2mImporter,
  'v4l2-output': v4l2OutputImporter,
};

/**
 * The importer that a cell names; the CPU where it names none.
 * @throws RangeError for a kind that no row knows: plans are checked before they travel.
 */
export function importerFor(cell: Cell, context: BoardContext): Importer {
  if (cell.importer === null) return cpuImporter();
  const { kind, driver } = cell.importer;
  const factory = FACTORIES[kind];
  if (!factory)
    throw new RangeError(`unknown importer ${kind}; known: ${Object.keys(FACTORIES).join(', ')}`);
  return factory(driver, context);
}
