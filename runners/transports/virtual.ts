import type { VirtualBoard } from '../virtual/qemu.ts';
import { type Session, type Transport, TransportError } from './session.ts';
import { sshTransport } from './ssh.ts';

/** How long a virtual board may take from QEMU's start to sshd, under emulation on a busy machine. */
const BOOT_MS = 180_000;

/**
 * A virtual board: started at the first opening, then reached by ssh like any other, and stopped at
 * the end. Its host key is known before the first contact, since it was made here.
 * @param start is told by the signal of the first opening when to stop.
 */
export function virtualTransport(
  name: string,
  start: (signal: AbortSignal) => Promise<VirtualBoard>,
): Transport {
  let running: Promise<VirtualBoard> | null = null;
  const open = async (signal: AbortSignal): Promise<Session> => {
    running ??= start(signal);
    const board = await running;
    signal.throwIfAborted();
    const onAbort = () => board.kill();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await board.waitForSsh(BOOT_MS);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError(`${name}: ${why}. Its console: ${board.consoleLog}`, false, {
        cause,
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    return sshTransport({
      user: board.user,
      host: board.sshHost,
      port: board.sshPort,
      hostKey: board.hostKey,
      identityFile: board.identityFile,
    }).open(signal);
  };
  return {
    target: `virtual:${name}`,
    open,
    dispose: async () => {
      if (running === null) return;
      const board = await running.catch(() => null);
      await board?.stop();
      running = null;
    },
  };
}
