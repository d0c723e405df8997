import { dirname } from 'node:path';
import { ApplicationFacts } from '../../suites/application/facts.ts';
import type { Program, Task } from '../../suites/application/program.ts';
import type { Session } from '../transports/session.ts';
import { DEADLINE_CODES, must, within } from './command.ts';
import { withDrmDebug } from './drm-debug.ts';
import { visibleNodes, withoutNodes } from './nodes.ts';

/** What a program is run with beside its task. */
export interface RunOptions {
  /** Nodes that are not to be there: absolute paths below /dev. */
  readonly without?: readonly string[];
  /** Of the compositor that it is a client of. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How long a program may take, in s: an emulated board on a busy machine starts it in up to 10. */
const DEADLINE_S = 60;

/**
 * Runs a real program on a board, as root, and says what it did. Its files are put there and taken
 * away again, as are the nodes that it is to be without.
 * @throws Error when it did not end in time, or its output does not say what it should.
 */
export async function runProgram(
  session: Session,
  program: Program,
  task: Task,
  { without = [], environment = {} }: RunOptions = {},
): Promise<ApplicationFacts> {
  const { argv, environment: own } = program.start(task);
  const { stdout: versionText } = await within(session, DEADLINE_S, program.versionCommand);
  return withFiles(session, program.files, () =>
    withoutNodes(session, without, async () => {
      const nodes = await visibleNodes(session);
      const { result, kernelLog } = await withDrmDebug(session, () =>
        within(session, DEADLINE_S, argv, { ...own, ...environment }),
      );
      const lines = result.stdout.split('\n');
      if (DEADLINE_CODES.includes(result.code)) {
        const last = lines.slice(-12).join('\n');
        throw new Error(`${program.name} did not end within ${DEADLINE_S} s:\n${last}`);
      }
      return ApplicationFacts.parse({
        program: program.name,
        version: program.readVersion(versionText),
        policy: program.policy,
        command: argv,
        nodes,
        exitCode: result.code,
        ...program.read({ exitCode: result.code, lines, kernelLog }),
      } satisfies ApplicationFacts);
    }),
  );
}

async function withFiles<T>(
  session: Session,
  files: Readonly<Record<string, string>>,
  body: () => Promise<T>,
): Promise<T> {
  const paths = Object.keys(files);
  for (const [path, text] of Object.entries(files)) {
    const content = new TextEncoder().encode(text);
    const name = path.slice(dirname(path).length + 1);
    await session.put([{ path: name, content, executable: false }], dirname(path));
  }
  try {
    return await body();
  } finally {
    if (paths.length > 0) await must(session, ['rm', '-f', '--', ...paths]);
  }
}
