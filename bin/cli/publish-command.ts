import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadLab } from '../../devices/load.ts';
import type { Profile } from '../../devices/profile.ts';
import type { User } from '../../policies/user.ts';
import { publish } from '../publish/index.ts';
import { profilesNamed } from './claims.ts';
import { shippedProfiles } from './lab.ts';
import { warnOf } from './load-run.ts';
import { collect } from './options.ts';
import { libraryOf, policiesOption, userOption } from './policy-options.ts';
import { runFolders } from './systems.ts';

interface PublishFlags {
  readonly out: string;
  readonly claims: readonly string[];
  readonly policies?: string[];
  readonly user?: User;
  readonly lab?: string;
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
    .argument('[run...]', "runs' ids, contents or folders (default: all)")
    .option(
      '--claims <profile>',
      'show what this profile claims where nobody has measured (repeatable)',
      collect,
      [],
    )
    .addOption(new Option('--lab <file>', "the same of the profiles of this lab file's boards"))
    .addOption(policiesOption())
    .addOption(userOption())
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .action(publishRuns);
}

async function publishRuns(dir: string, run: string[], flags: PublishFlags): Promise<void> {
  const { out, user = null } = flags;
  const claims = claimsOf(flags);
  const folders = runFolders({ out, run }, claims.length === 0);
  const options = { out, user, library: libraryOf(flags) };
  const done = await publish(resolve(dir), folders, claims, options);
  warnOf(done.troubles);
  process.stdout.write(
    `${join(dir, 'index.html')}: ${done.written} files written, ${done.unchanged} unchanged\n`,
  );
}

function claimsOf({ claims, lab }: PublishFlags): Profile[] {
  const named = profilesNamed(claims);
  const boards = lab === undefined ? [] : loadLab(resolve(lab), shippedProfiles());
  const all = [...named, ...boards.map(({ profile: { profile } }) => profile)];
  return [...new Map(all.map((profile) => [profile.name, profile])).values()];
}
