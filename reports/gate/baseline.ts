import { z } from 'zod';
import { byText } from './fold.ts';
import { Environment, GATE_SCHEMA, type GateBoard, type GateSide, Tally } from './model.ts';

/** The first line of a baseline file. */
export const BaselineHeader = z.strictObject({
  schema: z.literal(GATE_SCHEMA),
  kind: z.literal('bufmatrix-baseline'),
  /** The run that it was made of. */
  run: z.string(),
  /** `sha256:...` of that run's files; files of before it was known have none. */
  content: z.string().nullable().default(null),
  /** By name. `cells`: how many lines are of it, so that a lost line is seen. */
  boards: z.array(
    z.strictObject({
      board: z.string(),
      cells: z.int().nonnegative(),
      environment: Environment,
    }),
  ),
});
export type BaselineHeader = z.infer<typeof BaselineHeader>;

/** Every other line: what the attempts at one cell came out as. By board, then by cell. */
export const BaselineCell = z.strictObject({
  board: z.string(),
  cell: z.string(),
  results: z.array(Tally).min(1),
});
export type BaselineCell = z.infer<typeof BaselineCell>;

/** What a line of a baseline file may be. */
export const BaselineLine = z.union([BaselineHeader, BaselineCell]);

/**
 * A baseline's lines, without line ends. The same results give the same bytes, whatever the order of
 * the records; cells that nobody has tried are left out.
 * @throws RangeError for a board without an environment.
 */
export function* baselineLines({ name, content, boards }: GateSide): Iterable<string> {
  const all = [...boards.values()].sort((a, b) => byText(a.board, b.board));
  const header: BaselineHeader = {
    schema: GATE_SCHEMA,
    kind: 'bufmatrix-baseline',
    run: name,
    content,
    boards: all.map(({ board, environment, cells }) => {
      if (!environment) throw new RangeError(`${board} has no environment`);
      return { board, cells: cellsOf({ cells }).length, environment };
    }),
  };
  yield JSON.stringify(header);
  for (const { board, cells } of all)
    for (const [cell, { results }] of cellsOf({ cells }))
      yield JSON.stringify({ board, cell, results });
}

const cellsOf = ({ cells }: Pick<GateBoard, 'cells'>) =>
  [...cells].filter(([, { results }]) => results.length > 0).sort(([a], [b]) => byText(a, b));

/** Takes a baseline's lines, one after another, as a side to compare with. */
export class BaselineBuilder {
  readonly #header: BaselineHeader;
  readonly #boards: Map<string, Map<string, { results: Tally[]; untried: 0; why: null }>>;

  constructor(header: BaselineHeader) {
    this.#header = header;
    this.#boards = new Map(header.boards.map(({ board }) => [board, new Map()]));
  }

  /** @returns null, or what is wrong with the line and under which of its keys. */
  add({ board, cell, results }: BaselineCell): { key: 'board' | 'cell'; what: string } | null {
    const cells = this.#boards.get(board);
    if (!cells) return { key: 'board', what: `the first line has no board ${board}` };
    if (cells.has(cell)) return { key: 'cell', what: `${cell} of ${board} is there twice` };
    cells.set(cell, { results, untried: 0, why: null });
    return null;
  }

  /** The board of which lines are missing, if any is. */
  short(): { board: string; wanted: number; found: number } | null {
    for (const { board, cells: wanted } of this.#header.boards) {
      const found = this.#boards.get(board)?.size ?? 0;
      if (found !== wanted) return { board, wanted, found };
    }
    return null;
  }

  side(): GateSide {
    const boards = this.#header.boards.map(({ board, environment }): [string, GateBoard] => [
      board,
      {
        board,
        environment,
        incomplete: null,
        cells: this.#boards.get(board) ?? new Map(),
        claimOf: () => null,
        rated: false,
      },
    ]);
    const { run, content } = this.#header;
    return { name: run, content, lab: null, boards: new Map(boards) };
  }
}
