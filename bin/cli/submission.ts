import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import { oneLine } from '../../reports/index.ts';
import { diskSays } from '../../runners/host/store.ts';

/** Where the token is taken from: an argument would be seen by every user of this machine. */
export const TOKEN_VARIABLE = 'BUFMATRIX_KCIDB_TOKEN';

/** A server takes its time over some thousand tests. */
const LIMIT_MS = 60_000;

/** Characters of a server's answer that are shown. */
const ANSWER = 300;

/** What was made and has not been taken yet: it stays in the run's folder. */
export const unsentFile = (folder: string): string => join(folder, 'kcidb-unsent.json');

/** A server's address that a token may go to. @throws UserError (usage) */
export function submissionUrl(text: string): URL {
  const usage = (message: string, hint: string) => new UserError({ code: 'usage', message, hint });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw usage('--to is no address of a server', 'write it as https://HOST/submit');
  if (url.username || url.password)
    throw usage(
      '--to holds a user or a password',
      `take it out, and put the token in ${TOKEN_VARIABLE}`,
    );
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback)
    throw usage(
      `${url.origin} is not encrypted: the token could be read on the way`,
      'write https://, or forward a port of this machine to it',
    );
  return url;
}

/** The token from the environment. @throws UserError (usage) where there is none that can be sent. */
export function tokenOf(env: Readonly<Record<string, string | undefined>>): string {
  const token = env[TOKEN_VARIABLE]?.trim() ?? '';
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError({
    code: 'usage',
    message: token ? `${TOKEN_VARIABLE} is no token` : `${TOKEN_VARIABLE} is not set`,
    hint: `put the token that the server gave you into ${TOKEN_VARIABLE}; nothing was sent`,
  });
}

/**
 * Sends a submission to a KCIDB server (POST, bearer token). It is in the run's folder before, and
 * until the server has taken it.
 * @returns what the server answered, on one line. @throws UserError (submission) where it did not.
 */
export async function send(folder: string, body: string, to: URL, token: string): Promise<string> {
  const kept = unsentFile(folder);
  diskSays(kept, () => writeFileSync(kept, body));
  const answer = await post(to, body, token).catch((cause: unknown) => {
    throw notTaken(folder, `${to.origin} was not reached: ${oneLine(reasonOf(cause))}`);
  });
  // An echo of what was sent must not bring the token into a log.
  const text = oneLine(answer.text.replaceAll(token, '…')).trim().slice(0, ANSWER);
  if (!answer.ok) {
    const why = [401, 403].includes(answer.status) ? `; is ${TOKEN_VARIABLE} right?` : '';
    throw notTaken(folder, `${to.origin} refused it: ${answer.status} ${text}${why}`);
  }
  rmSync(kept);
  return `${answer.status} ${text}`.trim();
}

async function post(to: URL, body: string, token: string) {
  const response = await fetch(to, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    // The token is for that server: it follows nobody elsewhere.
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

/** `connect ECONNREFUSED 127.0.0.1:9`: fetch itself says only that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join('; ');
  return cause instanceof Error ? cause.message || error.message : error.message;
}

function notTaken(folder: string, message: string): UserError {
  return new UserError({
    code: 'submission',
    message,
    hint: `give the same command again later; until then it is in ${unsentFile(folder)}`,
  });
}
