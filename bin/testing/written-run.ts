import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planInput } from '../../devices/planning.ts';
import type { BoardFacts } from '../../policies/board.ts';
import { recordsFile, runFile } from '../../runners/host/run-files.ts';
import { plan } from '../../suites/plan.ts';
import { Run } from '../../suites/run.ts';

/**
 * Writes a run as the runner leaves it, of one board whose records are made up; without its sums, so
 * that a test may change it.
 */
export function writeRun(out: string, id: string, startedAt: string, facts: BoardFacts): void {
  const { board, profile, inventory, records } = facts;
  const run: Run = {
    schema: 1,
    id,
    startedAt,
    endedAt: startedAt,
    harness: { name: 'bufmatrix', version: '0.1.0' },
    command: ['bufmatrix', 'run', board],
    options: { repeat: 1, lab: null, diagnoseSeconds: 0, filter: {} },
    boards: [
      {
        board,
        profile: profile.name,
        profileHash: '0'.repeat(64),
        profileContent: JSON.parse(JSON.stringify(profile)),
        target: 'local',
        virtual: null,
        state: 'complete',
        why: null,
        plan: plan(planInput(profile, inventory, { board })),
        inventory,
        connections: [],
        findings: [],
        losses: {},
      },
    ],
  };
  const folder = join(out, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(runFile(folder), JSON.stringify(Run.parse(run)));
  writeFileSync(
    recordsFile(folder),
    records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  );
}
