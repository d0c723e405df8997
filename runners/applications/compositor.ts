import { setTimeout as sleep } from 'node:timers/promises';
import type { BoardProcess, Session } from '../transports/session.ts';
import { must } from './command.ts';

/** A compositor that runs on the board, for its clients' environment. */
export interface Compositor {
  readonly environment: Readonly<Record<string, string>>;
  /** What it says of its renderer: `llvmpipe (LLVM 22.1.8, 128 bits)`. */
  readonly renderer: string;
}

const FOLDER = '/run/bufmatrix-compositor';
const SOCKET = 'wayland-bufmatrix';
const LOG = `${FOLDER}/weston.log`;
const START_MS = 60_000;

/**
 * Weston without a screen, which draws by GL. Its shell is the one that starts no helpers, and it draws
 * little, 10 times a second: an emulated processor has to have time for the client as well.
 */
const WESTON = [
  'weston',
  '--backend=headless',
  '--renderer=gl',
  '--shell=kiosk',
  '--refresh-rate=10000',
  '--width=640',
  '--height=480',
  '--idle-time=0',
  `--socket=${SOCKET}`,
  `--log=${LOG}`,
];

/** It ends with its input, which is ours: a compositor must not be left on the board. */
const TETHERED = '"$@" >/dev/null 2>&1 & pid=$!; cat >/dev/null; kill "$pid"; wait "$pid"';

/**
 * Does something while a compositor runs on the board.
 * @throws Error with its log's end when it does not come up.
 */
export async function withCompositor<T>(
  session: Session,
  body: (compositor: Compositor) => Promise<T>,
): Promise<T> {
  await must(session, ['mkdir', '-p', '-m', '0700', FOLDER]);
  const environment = { XDG_RUNTIME_DIR: FOLDER, WAYLAND_DISPLAY: SOCKET };
  const command = ['env', `XDG_RUNTIME_DIR=${FOLDER}`, ...WESTON];
  const weston = session.start(['sh', '-c', TETHERED, 'sh', ...command]);
  try {
    return await body({ environment, renderer: await untilUp(session, weston) });
  } finally {
    weston.stdin.end();
    await weston.ended;
    await must(session, ['rm', '-r', '--', FOLDER]);
  }
}

/** @returns the renderer, which its log names before it listens. */
async function untilUp(session: Session, weston: BoardProcess): Promise<string> {
  const untilMs = performance.now() + START_MS;
  let ended = false;
  void weston.ended.then(() => {
    ended = true;
  });
  const ready = ['sh', '-c', '[ -S "$0" ] && cat "$1"', `${FOLDER}/${SOCKET}`, LOG];
  while (!ended && performance.now() < untilMs) {
    const { code, stdout } = await session.exec(ready, 10_000);
    const renderer = /GL renderer: (.*)/.exec(stdout)?.[1];
    if (code === 0 && renderer !== undefined) return renderer;
    await sleep(200);
  }
  const { stdout } = await session.exec(['tail', '-n', '12', LOG], 10_000);
  throw new Error(`${session.target}: weston did not come up:\n${stdout}`);
}
