import { type Command, InvalidArgumentError } from 'commander';
import { KCIDB_ORIGIN, kcidbSubmission } from '../../reports/index.ts';
import { refuseChanged } from '../../runners/host/seal.ts';
import { folderOf, loadRun } from './load-run.ts';
import { send, submissionUrl, TOKEN_VARIABLE, tokenOf } from './submission.ts';

interface SubmitFlags {
  readonly to: string;
  readonly origin: string;
  readonly out: string;
}

function origin(text: string): string {
  if (!/^[a-z0-9_]+$/.test(text))
    throw new InvalidArgumentError('it takes lower-case letters, digits and underscores.');
  return text;
}

/** `bufmatrix submit RUN --to URL`: nothing else of bufmatrix sends anything to anybody. */
export function addSubmitCommand(program: Command): void {
  program
    .command('submit')
    .description(
      `send a run to a KCIDB server, judged anew; the token comes from ${TOKEN_VARIABLE}. ` +
        '`report --format kcidb` shows what would be sent',
    )
    .argument('<run>', "a run's id or folder")
    .requiredOption('--to <url>', "the server's address, https://HOST/submit")
    .option('--origin <name>', 'the name under which the server knows you', origin, KCIDB_ORIGIN)
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .action(async (name: string, flags: SubmitFlags) => {
      const to = submissionUrl(flags.to);
      const token = tokenOf(process.env);
      const folder = folderOf(name, flags.out);
      const { run, boards, seal } = loadRun(folder);
      refuseChanged(folder, seal.changed);
      const answer = await send(folder, kcidbSubmission(boards, flags.origin), to, token);
      process.stdout.write(`${run.id} was sent to ${to.origin}: ${answer}\n`);
    });
}
