import fc from 'fast-check';
import type { Claim } from '../../../suites/claim.ts';
import { type Environment, type GateBoard, type GateCell, type GateSide, Tally } from '../model.ts';
import { byResult } from '../tally.ts';

/** An environment, for tests. */
export const environment = (more: Partial<Environment> = {}): Environment => ({
  board: 'acme,desk',
  firmware: 'U-Boot 2025.01',
  kernel: '6.12.94 #1 SMP aarch64',
  cmdline: 'console=ttyS0',
  cma: '65536 KiB',
  heaps: 'reserved system',
  udmabuf: 'list_limit 1024, size_limit_mb 64',
  mesa: 'Mesa 26.1.6',
  user: 'uid 0, groups root',
  profile: 'desk 00',
  harness: 'bufmatrix 0.1.0',
  ...more,
});

/** What a profile expects, for tests: a pass, but for `more`. */
export const claim = (more: Partial<Claim> = {}): Claim => ({
  outcome: ['pass'],
  orLucky: false,
  stage: [],
  errno: [],
  rate: null,
  reason: 'because',
  sources: [],
  basis: 'claimed',
  ...more,
});

/** Attempts that came out alike, in short: `pass`, `lucky`, `refused/qbuf/EFAULT`. */
export function tally(words: string, attempts = 1): Tally {
  const [outcome = '', stage, errno] = words.split('/');
  const lucky = outcome === 'lucky';
  return Tally.parse({
    outcome: lucky ? 'pass' : outcome,
    stage: stage ?? null,
    errno: errno ?? null,
    lucky,
    attempts,
  });
}

/** A cell that came out so; one with nothing was not tried. */
export const cell = (...results: readonly Tally[]): GateCell => ({
  results: [...results].sort(byResult),
  untried: 0,
  why: results.length ? null : 'filtered',
});

const NAMED = { name: 'made-up', content: null, lab: null } as const;

/** A side of one board. */
export function side(
  cells: Readonly<Record<string, GateCell>>,
  more: Partial<GateBoard> = {},
): GateSide {
  const board = more.board ?? 'desk';
  const all: GateBoard = {
    board,
    environment: environment(),
    incomplete: null,
    cells: new Map(Object.entries(cells)),
    claimOf: () => null,
    rated: false,
    ...more,
  };
  return { ...NAMED, boards: new Map([[board, all]]) };
}

const words = fc.constantFrom(
  'pass',
  'lucky',
  'refused/prime-import/EINVAL',
  'refused/qbuf/EFAULT',
  'refused/qbuf/ENOMEM',
  'unsupported/open/ENOENT',
  'crash/draw/SIGSEGV',
  'corrupt/verify',
  'blocked/open/EACCES',
);

const anyCell: fc.Arbitrary<GateCell> = fc
  .uniqueArray(fc.tuple(words, fc.integer({ min: 1, max: 8 })), {
    maxLength: 3,
    selector: ([word]) => word,
  })
  .map((results) => cell(...results.map(([word, attempts]) => tally(word, attempts))));

const ids = Array.from({ length: 12 }, (_, index) => `cpu/udmabuf/-/XR24/${index + 1}x1/0x0`);

const anyBoard = (name: string): fc.Arbitrary<GateBoard> =>
  fc.array(fc.tuple(fc.constantFrom(...ids), anyCell), { maxLength: 20 }).map((cells) => ({
    board: name,
    environment: environment(),
    incomplete: null,
    cells: new Map(cells),
    claimOf: () => null,
    rated: false,
  }));

/** A side of up to three boards with up to twelve cells of the same names. */
export const anySide: fc.Arbitrary<GateSide> = fc
  .subarray(['desk', 'shelf', 'wall'])
  .chain((names) => fc.tuple(...names.map(anyBoard)))
  .map((boards) => ({
    ...NAMED,
    boards: new Map(boards.map((board) => [board.board, board])),
  }));
