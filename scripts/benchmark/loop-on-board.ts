/**
 * Goes to the board and tries the cells of a plan there, in the harness's order, with nothing around
 * them: no rungs written down, no clocks inside a cell, no kernel log, no lines to anybody. What the
 * harness takes beyond this is its own.
 *
 *   node loop.cjs < PLAN.json > {"us": [...], "failed": [...]}
 */
import { readFileSync, writeSync } from 'node:fs';
import { attemptsOf } from '../../runners/agent/attempts.ts';
import { cellRunner, type SidedLadder } from '../../runners/agent/cell-runner.ts';
import { microseconds } from '../../runners/agent/clock.ts';
import { boardContext, withinMemory } from '../../runners/agent/context.ts';
import { nodesOf, readInventory } from '../../runners/agent/inventory/index.ts';
import { AGENT_VERSION } from '../../runners/agent/version.ts';
import { StageFailure } from '../../suites/board.ts';
import { MemoryWatch } from '../../suites/kernel/memory-state.ts';
import type { Plan } from '../../suites/plan.ts';
import type { StageName, VerifyFacts } from '../../suites/record.ts';

/** What the loop says, as one line of JSON. */
export interface LoopResult {
  /** Microseconds of each attempt, in order, clean-up included. */
  readonly us: readonly number[];
  /** Ids of cells that did not pass. */
  readonly failed: readonly string[];
}

/** The ladder that keeps nothing but what has to be undone. */
class BareLadder implements SidedLadder {
  failed = false;
  readonly #undo: (() => void)[] = [];

  stage<T>(_name: StageName, body: () => T): T {
    return body();
  }

  as<T>(_side: unknown, body: () => T): T {
    return body();
  }

  note(): void {}
  buffer(): void {}
  node(): void {}

  verified({ wrong }: VerifyFacts): void {
    if (wrong > 0) throw new StageFailure('failed', null, 'wrong data');
  }

  cleanup(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Whatever ended the cell: the host compares with what the harness made of it. */
  explains(): boolean {
    this.failed = true;
    return true;
  }

  end(): void {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) undo();
  }
}

function loop(plan: Plan): LoopResult {
  const board = boardContext(plan, nodesOf(readInventory(AGENT_VERSION)));
  const runCell = cellRunner(withinMemory(board, new MemoryWatch()));
  const attempts = attemptsOf(plan, {});
  const us = new Float64Array(attempts.length);
  const failed = new Set<string>();
  for (const [turn, { cell }] of attempts.entries()) {
    const begun = microseconds();
    const ladder = new BareLadder();
    runCell(cell, ladder);
    ladder.end();
    us[turn] = microseconds() - begun;
    if (ladder.failed) failed.add(cell.id);
  }
  return { us: [...us], failed: [...failed] };
}

const said = Buffer.from(`${JSON.stringify(loop(JSON.parse(readFileSync(0, 'utf8'))))}\n`);
for (let done = 0; done < said.length; ) done += writeSync(1, said, done);
// What Mesa registered to run at exit has crashed before now.
process.kill(process.pid, 'SIGKILL');
