import {
  type BoardContext,
  type Importer,
  isLinear,
  modifierText,
  type SharedFrame,
  StageFailure,
} from '../board.ts';
import type { Cell } from '../cell.ts';
import { gbmNode } from '../kernel/drm-node.ts';
import { eglSession, SOFTWARE } from '../kernel/egl-display.ts';
import { importWay } from './egl-image.ts';
import { render } from './egl-render.ts';
import { sample } from './egl-sample.ts';

/** The importer for egl-sample and egl-render on that driver's GBM device, or on Mesa's software device (`swrast`). */
export function eglImporter(driver: string, context: BoardContext): Importer {
  const node = driver === SOFTWARE ? null : (gbmNode(context.nodes, driver) ?? null);
  return {
    layout: () => null,
    take: (cell, frame, ladder) => {
      if (node !== null) ladder.node(node);
      const { session, way } = ladder.stage('open', () => {
        const opened = eglSession(driver, node);
        requireLinear(cell, frame);
        const how = importWay(opened, frame.layout.format, frame.modifier);
        if (cell.suite === 'egl-render' && how.external)
          throw new StageFailure('unsupported', null, `render to ${cell.format}`);
        return { session: opened, way: how };
      });
      if (cell.suite === 'egl-render') render(session, cell, frame, way, ladder);
      else sample(session, cell, frame, way, context.yuvTolerance, ladder);
    },
  };
}

/** The content goes in or comes out through a linear mapping, which says nothing of tiled memory. */
function requireLinear(cell: Cell, frame: SharedFrame): void {
  if (isLinear(cell, frame)) return;
  const detail = `CPU access to a buffer that may be tiled (modifier ${modifierText(frame)})`;
  throw new StageFailure('unsupported', null, detail);
}
