import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { GateReport } from '../../reports/gate/model.ts';
import type { Part, Update } from './updates.ts';

/** Takes vkms, a software GPU on GBM nodes, and every heap; needs nothing of the board's builder. */
const PROFILE = 'virtual-scatter';

/** Its name in the lab files, which is the same on both sides: it is one board. */
export const BOARD = 'updated';

/** Starts bufmatrix, and says what it printed on stdout. */
export type Bufmatrix = (
  args: readonly string[],
) => Promise<{ readonly code: number; readonly stdout: string }>;

/** Which cells show an update, and how often each is tried. */
const CELLS: Readonly<Record<Part, readonly string[]>> = {
  // Small frames: to compose a large one of YUV takes vkms seconds on an emulated board.
  kernel: ['--cell', 'allocate/*', '--cell', 'cpu/*', '--cell', 'kms-primary/*/640x480/*'],
  // A few, and often: each crash costs a new EGL display, seconds on an emulated board.
  mesa: [
    '--cell',
    'egl-sample/udmabuf/egl:vkms/XR24/640x480/0x0',
    '--cell',
    'egl-sample/heap:*/egl:vkms/XR24/640x480/0x0',
    '--repeat',
    '6',
  ],
};

/** The runs of a board before and after an update, by their folders. */
export interface BothSides {
  readonly update: Update;
  readonly before: string;
  readonly after: string;
}

/** Runs the board on both sides of an update, each by a lab file of its own, below `folder`. */
export async function runBoth(
  update: Update,
  folder: string,
  bufmatrix: Bufmatrix,
): Promise<BothSides> {
  const { part, before, after } = update;
  const of = (series: string) => runSide(part, series, folder, bufmatrix);
  return { update, before: await of(before), after: await of(after) };
}

/** The lab file of one side. */
export const labOf = (part: Part, series: string, folder: string): string =>
  join(folder, `${part}-${series}.yaml`);

/** Where runs go. */
export const resultsIn = (folder: string): string => join(folder, 'results');

async function runSide(
  part: Part,
  series: string,
  folder: string,
  bufmatrix: Bufmatrix,
): Promise<string> {
  mkdirSync(resultsIn(folder), { recursive: true });
  const lab = labOf(part, series, folder);
  const board = { profile: PROFILE, access: 'virtual', virtual: { [part]: series } };
  writeFileSync(lab, stringify({ boards: { [BOARD]: board } }));
  const out = resultsIn(folder);
  const earlier = new Set(readdirSync(out));
  const { code } = await bufmatrix([
    'run',
    BOARD,
    '--lab',
    lab,
    '--out',
    out,
    '--no-diagnose',
    ...CELLS[part],
  ]);
  const made = readdirSync(out).find((name) => !earlier.has(name));
  // 1: cells that its profile did not expect, which is what a comparison is there for.
  if (made === undefined || (code !== 0 && code !== 1))
    throw new Error(`the run on ${part} ${series} ended with exit code ${code}`);
  return join(out, made);
}

/** The gate's arguments for these two. */
export const gateOf = (part: Part, baseline: string, candidate: string): string[] => [
  'gate',
  '--baseline',
  baseline,
  '--candidate',
  candidate,
  '--varies',
  part,
];

/** Whether anything holds after an update that did not before. */
export async function showsIt(
  { update, before, after }: BothSides,
  bufmatrix: Bufmatrix,
): Promise<boolean> {
  const { stdout } = await bufmatrix([...gateOf(update.part, before, after), '--json']);
  const { comparable, differences, transitions } = GateReport.parse(JSON.parse(stdout));
  if (!comparable)
    throw new Error(`more differs than the ${update.part}: ${JSON.stringify(differences)}`);
  return transitions.some(({ kind }) => kind === 'fixed' || kind === 'fixed-unconfirmed');
}
