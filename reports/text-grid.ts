/** A painted text: its width is that of `text`, whatever `paint` puts around it. */
export interface GridCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Columns under a common heading of several lines. */
export interface GridGroup {
  readonly head: readonly string[];
  readonly columns: readonly GridColumn[];
}

/** A column: its own heading, and one cell a row. */
export interface GridColumn {
  readonly head: string;
  readonly cells: readonly GridCell[];
}

interface Segment {
  readonly group: GridGroup;
  readonly columns: readonly GridColumn[];
  readonly width: number;
}

const GAP = 2;

/** Cuts to a width, with an ellipsis where something is lost. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

const columnWidth = (column: GridColumn) =>
  Math.max(column.head.length, ...column.cells.map(({ text }) => text.length));

function segment(group: GridGroup, columns: readonly GridColumn[], most: number): Segment {
  const cells = columns.reduce((sum, column) => sum + columnWidth(column) + 1, -1);
  const heads = group.head.map((line) => Math.min(line.length, most));
  return { group, columns, width: Math.max(cells, ...heads) };
}

/** The columns of one group that fit beside one another, at least one at a time. */
function pieces(group: GridGroup, most: number): Segment[] {
  const done: Segment[] = [];
  let open: GridColumn[] = [];
  for (const column of group.columns) {
    if (open.length && segment(group, [...open, column], most).width > most) {
      done.push(segment(group, open, most));
      open = [];
    }
    open.push(column);
  }
  if (open.length) done.push(segment(group, open, most));
  return done;
}

/** Deals the groups out to blocks that fit; a group is split only where it fits no block whole. */
function blocksOf(groups: readonly GridGroup[], most: number): Segment[][] {
  const blocks: Segment[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const next of groups.flatMap((group) => pieces(group, most))) {
    if (used + GAP + next.width > most) {
      blocks.push([]);
      used = -GAP;
    }
    blocks.at(-1)?.push(next);
    used += GAP + next.width;
  }
  return blocks;
}

function paintRow(segments: readonly Segment[], row: number): string {
  return segments
    .map(({ columns, width }) => {
      let length = -1;
      const cells = columns.map((column) => {
        const cell = column.cells[row] ?? { text: '' };
        const padding = ' '.repeat(Math.max(0, columnWidth(column) - cell.text.length));
        length += columnWidth(column) + 1;
        return (cell.paint ? cell.paint(cell.text) : cell.text) + padding;
      });
      return cells.join(' ') + ' '.repeat(Math.max(0, width - length));
    })
    .join(' '.repeat(GAP));
}

function paintHead(segments: readonly Segment[], line: (one: Segment) => string): string {
  return segments.map((one) => clip(line(one), one.width).padEnd(one.width)).join(' '.repeat(GAP));
}

/**
 * A table as lines of at most `width` columns, split into blocks one below another where it is
 * wider. Row labels stand at the left of each block.
 */
export function textGrid(
  rows: readonly string[],
  groups: readonly GridGroup[],
  width: number,
): string[] {
  const label = Math.min(Math.max(0, ...rows.map((row) => row.length)), Math.floor(width / 2));
  const lines: string[] = [];
  for (const segments of blocksOf(groups, width - label - GAP)) {
    if (lines.length) lines.push('');
    const margin = ' '.repeat(label + GAP);
    const heads = Math.max(...segments.map(({ group }) => group.head.length));
    for (let n = 0; n < heads; n++)
      if (segments.some(({ group }) => group.head[n]))
        lines.push(margin + paintHead(segments, ({ group }) => group.head[n] ?? ''));
    if (segments.some(({ columns }) => columns.some(({ head }) => head)))
      lines.push(
        margin +
          paintHead(segments, ({ columns }) =>
            columns.map((column) => column.head.padEnd(columnWidth(column))).join(' '),
          ),
      );
    rows.forEach((row, n) => {
      lines.push(clip(row, label).padEnd(label + GAP) + paintRow(segments, n));
    });
  }
  return lines.map((line) => line.trimEnd());
}

/**
 * Breaks words at a width; a word longer than a line is cut, after a `/` where there is one.
 * `first` stands before the first line, `indent` before the others.
 */
export function wrap(text: string, width: number, indent = '', first = ''): string[] {
  const lines: string[] = [];
  let line = first;
  for (let word of text.split(' ')) {
    if (line.trim() && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    } else if (line.trim()) {
      line += ' ';
    }
    while (line.length + word.length > width) {
      const room = Math.max(1, width - line.length);
      const slash = word.lastIndexOf('/', room - 1) + 1;
      const cut = slash > 0 ? slash : room;
      lines.push(line + word.slice(0, cut));
      word = word.slice(cut);
      line = indent;
    }
    line += word;
  }
  if (line.trim()) lines.push(line);
  return lines;
}
