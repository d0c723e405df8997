import { createHash } from 'node:crypto';
import { kindOf } from '../environment.ts';
import type { GateReport } from '../gate/model.ts';
import { KINDS } from '../gate/model.ts';
import { kindTitle } from '../gate/text.ts';
import { type Html, html } from '../html/template.ts';
import { oneLine } from '../sanitize.ts';
import { type BoardChanges, changeWords } from './changes.ts';
import { runWords } from './data-file.ts';
import { type SiteBoard, type SiteRun, startOf } from './model.ts';

/** Cells that an entry names of one kind; it links to all. */
const NAMED = 10;

/** An id that stays the same for the same thing, as RFC 4287 wants it: a UUID of version 8 (RFC 9562). */
function urnOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** RFC 3339; of what is no time, the epoch. */
function timeOf(run: SiteRun): string {
  const time = Date.parse(startOf(run));
  return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}

function changeLines(report: GateReport): string[] {
  const axes = report.differences.map(
    ({ axis, baseline, candidate }) => `${axis ?? 'environment'}: ${baseline} -> ${candidate}`,
  );
  const cells = KINDS.flatMap((kind) => {
    const ids = report.transitions.filter((one) => one.kind === kind).flatMap((one) => one.cells);
    const more = ids.length > NAMED ? [`… and ${ids.length - NAMED} more`] : [];
    return ids.length
      ? [`${kindTitle(kind)} (${ids.length}):`, ...ids.slice(0, NAMED), ...more]
      : [];
  });
  return [...axes, ...cells];
}

function entry(board: SiteBoard, run: SiteRun, changes: BoardChanges): Html {
  const report = changes.get(run.id) ?? null;
  const text = [
    kindOf(run.matrix.run),
    runWords(run).system,
    changeWords(report),
    ...(report ? changeLines(report) : []),
  ].map(oneLine);
  return html`<entry><id>${urnOf(`${board.folder}/${run.id}`)}</id><title>${oneLine(board.name)}: ${changeWords(report)}</title>
<updated>${timeOf(run)}</updated><link rel="alternate" type="text/html" href="${run.id}.html"/>
<content type="text">${text.join('\n')}</content></entry>
`;
}

/** What changed from run to run of a board, as an Atom feed (RFC 4287); addresses are relative. */
export function feed(board: SiteBoard, changes: BoardChanges): string {
  return html`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>${urnOf(board.folder)}</id><title>dma-buf sharing on ${oneLine(board.name)}</title>
<updated>${timeOf(board.runs[0] ?? board.newest)}</updated><author><name>bufmatrix</name></author><link rel="alternate" type="text/html" href="index.html"/><link rel="self" href="feed.xml"/>
${board.runs.map((run) => entry(board, run, changes))}</feed>
`.text;
}
