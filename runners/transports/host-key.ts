import { runToEnd } from './process.ts';
import type { SshTarget } from './ssh.ts';

/** What a host key that could not be verified looks like in ssh's words (sshconnect.c). */
const UNKNOWN = /No .* host key is known|Host key verification failed/;
const CHANGED = /HOST IDENTIFICATION HAS CHANGED|host key for .* has changed/i;

/**
 * If ssh refused the host's key: what key the host shows now, and how to accept it. Null when the
 * words are about something else. Nothing is accepted here: the fingerprint is for a person to check.
 */
export async function hostKeyProblem(
  target: SshTarget,
  options: readonly string[],
  words: string,
): Promise<string | null> {
  const changed = CHANGED.test(words);
  if (!changed && !UNKNOWN.test(words)) return null;
  const shown = await scan(target);
  const where = target.hostKey === null ? 'in known_hosts' : 'in the lab file';
  const what = changed
    ? `the host's key is not the one ${where}`
    : `the host's key is not ${where}`;
  if (shown === null)
    return `${what} (${options.length ? 'and ssh-keyscan could not read it' : ''}). Next: connect once by hand with ssh and compare the fingerprint.`;
  return `${what}. The host shows ${shown.fingerprint}. Next: compare that with the board's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then put into the lab file: hostKey: "${shown.key}"`;
}

async function scan(target: SshTarget): Promise<{ key: string; fingerprint: string } | null> {
  const port = target.port === null ? [] : ['-p', String(target.port)];
  const scanned = await runToEnd(
    'ssh-keyscan',
    ['-T', '5', '-t', 'ed25519,ecdsa,rsa', ...port, '--', target.host],
    { timeoutMs: 15_000 },
  );
  const lines = scanned.stdout.split('\n').filter((line) => line && !line.startsWith('#'));
  const line = lines.find((one) => one.includes('ssh-ed25519')) ?? lines[0];
  if (!line) return null;
  const key = line.split(' ').slice(1, 3).join(' ');
  const printed = await runToEnd('ssh-keygen', ['-l', '-f', '-'], { input: `${key}\n` });
  const fingerprint = printed.stdout.split(' ').slice(0, 2).join(' ');
  return { key, fingerprint };
}
