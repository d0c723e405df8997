import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkPolicies } from '../../policies/check.ts';
import { claimedVerdicts } from '../../policies/claimed.ts';
import { loadLibrary } from '../../policies/load.ts';
import type { Verdict } from '../../policies/verdict.ts';
import type { BoardRun } from '../../reports/index.ts';
import { siteFiles } from '../../reports/site/index.ts';
import { withClaims } from './claims.ts';
import { type LoadedBoard, loadRun, warnOfCut } from './load-run.ts';
import { collect } from './options.ts';
import { writeSite } from './site-folder.ts';
import { historiesOf, runFolders } from './systems.ts';
import { unmeasuredBoards } from './unmeasured.ts';
import { packageRoot } from './version.ts';

interface PublishFlags {
  readonly out: string;
  readonly claims: readonly string[];
}

/** `bufmatrix publish DIR RUN...` */
export function addPublishCommand(program: Command): void {
  program
    .command('publish')
    .description('write all runs as a static site, which opens from disk or any web server')
    .argument(
      '<dir>',
      "the site's folder; what is there and was not written by publish is left alone",
    )
    .argument('[run...]', "runs' ids or folders (default: all)")
    .option(
      '--claims <profile>',
      'show what this profile claims where nobody has measured (repeatable)',
      collect,
      [],
    )
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .action((dir: string, run: string[], { out, claims }: PublishFlags) => {
      const folders = runFolders({ out, run }, claims.length === 0);
      const loaded = folders.map((folder) => loadRun(folder));
      warnOfCut(loaded);
      const measured = loaded.flatMap(({ boards }) => boards);
      const runs = withClaims(measured, claims);
      const files = siteFiles({ runs, verdicts: verdictsOf(measured, runs, out) });
      const { written, unchanged } = writeSite(resolve(dir), files);
      process.stdout.write(
        `${join(dir, 'index.html')}: ${written.length} files written, ${unchanged} unchanged\n`,
      );
    });
}

/** All policies and use cases that come with bufmatrix, on all boards; claims of those that nobody ran. */
function verdictsOf(
  measured: readonly LoadedBoard[],
  runs: readonly BoardRun[],
  out: string,
): Verdict[] {
  const { policies, useCases } = loadLibrary([join(packageRoot, 'policies')]);
  const histories = historiesOf(measured, out);
  const names = new Set(runs.flatMap(({ run, profileName }) => (run ? [] : [profileName])));
  const claimed =
    names.size === 0
      ? []
      : unmeasuredBoards(undefined).filter(
          ({ profile, inLab }) => !inLab && names.has(profile.name),
        );
  return [
    ...checkPolicies(histories, policies, useCases, null),
    ...claimedVerdicts(claimed, histories, policies, useCases, null),
  ];
}
