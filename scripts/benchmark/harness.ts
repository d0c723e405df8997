import { cli, onlyRun, readRun, scratch } from '../../bin/testing/cli.ts';
import type { Plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';

/** What the board said that it is. */
export interface BoardFacts {
  readonly kernel: string;
  /** GL_VERSION of the first device whose EGL came up. */
  readonly mesa: string;
  readonly node: string;
}

/** What a run of the real command line came to. */
export interface HarnessRun {
  readonly plan: Plan;
  readonly records: readonly CellRecord[];
  readonly on: BoardFacts;
  /** Workers that had to be replaced, boards that were lost: a measurement has none of it. */
  readonly findings: readonly string[];
}

/** Runs some cells of the board. What is or is not as expected is no concern of a benchmark. */
export async function runHarness(lab: string, args: readonly string[]): Promise<HarnessRun> {
  const { folder, remove } = scratch();
  try {
    const { code, stderr } = await cli(
      ['run', 'desk', '--lab', lab, '--no-diagnose', ...args],
      folder,
    );
    if (code > 1) throw new Error(`bufmatrix run ended with ${code}:\n${stderr}`);
    const { run, records } = readRun(onlyRun(folder));
    const [entry] = run.boards;
    if (!entry?.plan || !entry.inventory) throw new Error(`the run has no plan:\n${stderr}`);
    const { plan, inventory, findings } = entry;
    return {
      plan,
      records,
      on: {
        kernel: inventory.kernel.release,
        mesa: inventory.egl.find(({ version }) => version !== null)?.version ?? 'no EGL',
        node: inventory.agent.node,
      },
      findings: findings.map(({ what, text }) => `${what}: ${text}`),
    };
  } finally {
    remove();
  }
}

/**
 * Microseconds from the arrival of one record to the next: all that an attempt takes, from the
 * worker to the file. The first is not a number, since nothing came before it.
 */
export function arrivals(records: readonly CellRecord[]): number[] {
  const at = records.map((record) => Date.parse(record.at) * 1000);
  return at.map((time, index) => time - (at[index - 1] ?? Number.NaN));
}
