import type { Session } from '../../runners/transports/session.ts';
import { shell } from './shell.ts';

/**
 * Bytes that the board's network card receives while something is done, whoever sends them: ssh's
 * handshake, acknowledgements and Ethernet's own bytes are among them. What asking costs is not.
 */
export async function receivedBytes(
  session: Session,
  body: () => Promise<unknown>,
): Promise<number> {
  const counter = async () =>
    Number(await shell(session, 'cat /sys/class/net/eth0/statistics/rx_bytes'));
  const first = await counter();
  const before = await counter();
  await body();
  const after = await counter();
  return after - before - (before - first);
}
