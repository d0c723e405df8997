import type { Board } from '../../devices/boards.ts';
import { isExpected, matchExpectation } from '../../devices/expect.ts';
import { planInput } from '../../devices/planning.ts';
import { UserError } from '../../devices/problem.ts';
import { mayExhaustCma } from '../../devices/profile.ts';
import { missingDevices } from '../../devices/recognise.ts';
import type { RunBoard } from '../../runners/host/run.ts';
import { runToEnd } from '../../runners/transports/process.ts';
import { TransportError } from '../../runners/transports/session.ts';
import { plan } from '../../suites/plan.ts';
import { filterFor, type RunOptions } from '../../suites/run.ts';
import { refuseEmpty, wantedBy } from './filter.ts';
import { transportOf } from './transport.ts';

/** How long a board that went away is waited for: a cold boot of a slow board, with some to spare. */
const RETURN_MS = { virtual: 90_000, ssh: 240_000, local: 0 } as const;

/** How long turning a board off and on may take. */
const POWER_MS = 120_000;

/** How long a board may take to be brought into its state: a kernel is put on it, and it boots. */
const PREPARE_MS = 30 * 60_000;

/** A board of the lab as the runner takes it. */
export async function runBoardOf(
  board: Board,
  options: RunOptions,
  waitMs: number,
  log: NodeJS.WriteStream,
): Promise<RunBoard> {
  const filter = filterFor(options, board.name);
  const wanted = await wantedBy(filter);
  const { profile, hash } = board.profile;
  const { transport, virtual } = transportOf(board, log);
  const { power, prepare } = board;
  return {
    board: board.name,
    transport,
    workdir: board.workdir,
    egl: profile.devices.gpu.map(({ driver }) => driver),
    exhaustCma: mayExhaustCma(profile),
    rebootOnTaint: board.reboot === 'on-taint',
    reboot:
      power &&
      (() => labProgram(`${board.name}: the power command`, power, { timeoutMs: POWER_MS })),
    prepare:
      prepare &&
      ((signal) => {
        const what = `${transport.target}: its prepare program ${prepare[0]}`;
        return labProgram(what, prepare, { timeoutMs: PREPARE_MS, signal });
      }),
    returnMs: RETURN_MS[board.access.kind],
    waitMs,
    diagnoseMs: options.diagnoseSeconds * 1000,
    planFor: (inventory) => {
      refuseUnfit(board, missingDevices(profile, inventory));
      const planned = plan(
        planInput(profile, inventory, {
          board: board.name,
          repeat: options.repeat,
          wanted,
        }),
      );
      refuseEmpty(planned, filter);
      return planned;
    },
    expected: (record, kernel, mesa) =>
      isExpected(record, matchExpectation(profile, record, kernel, mesa)),
    entry: {
      board: board.name,
      profile: profile.name,
      profileHash: hash,
      profileContent: JSON.parse(JSON.stringify(profile)),
      target: transport.target,
      virtual,
    },
  };
}

function refuseUnfit(board: Board, missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new UserError({
    code: 'unfit-board',
    message: `${board.name} is not what its profile ${board.profile.profile.name} says: ${missing.join('; ')}`,
    hint: `bufmatrix doctor ${board.name} tells what is missing and how to mend it`,
  });
}

/**
 * Runs a program of the lab file to its end; no shell sees its words.
 * @param what it is, as a message begins: `desk: the power command`.
 * @throws TransportError where it fails, or takes too long.
 */
async function labProgram(
  what: string,
  [file = '', ...args]: readonly string[],
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const { code, stderr } = await runToEnd(file, args, limits);
  limits.signal?.throwIfAborted();
  if (code !== 0)
    throw new TransportError(`${what} failed (exit ${code}): ${stderr.trim()}`, false);
}
