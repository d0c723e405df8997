import { runToEnd } from './process.ts';
import { type Transport, TransportError } from './session.ts';

/** How long a board may take to be brought into its state: a kernel is put on it, and it boots. */
const PREPARE_MS = 30 * 60_000;

/**
 * A board that a program of the lab brings into the state that is measured, before it is reached for
 * the first time. It is not asked again after a loss: a board that comes back as another is told by
 * its inventory.
 * @param argv the program and its arguments; no shell sees them. Null: there is none.
 */
export function preparedTransport(transport: Transport, argv: readonly string[] | null): Transport {
  if (argv === null) return transport;
  let prepared: Promise<void> | null = null;
  return {
    ...transport,
    open: async (signal) => {
      prepared ??= prepare(transport.target, argv, signal);
      await prepared;
      signal.throwIfAborted();
      return transport.open(signal);
    },
  };
}

async function prepare(
  target: string,
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { code, stderr } = await runToEnd(file, args, { timeoutMs: PREPARE_MS, signal });
  signal.throwIfAborted();
  if (code !== 0)
    throw new TransportError(
      `${target}: its prepare program ${file} failed (exit ${code}): ${stderr.trim()}`,
      false,
    );
}
