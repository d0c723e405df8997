import { existsSync } from 'node:fs';
import type { Board } from './boards.ts';
import { HostKey, PathText } from './lab.ts';
import { UserError } from './problem.ts';

/** The environment variables that stand in for a board's keys in the lab file, where CI keeps secrets. */
export interface SecretNames {
  /** Holds the key that the board must show, as `hostKey` does: its type and its base64 text. */
  readonly hostKey: string;
  /** Holds the path of a private key's file, never the key. */
  readonly identityFile: string;
}

/** A board's name as part of a variable's: `desk-pi` is `DESK_PI`. Several boards may share one. */
export const variablePart = (board: string): string =>
  board.toUpperCase().replace(/[^A-Z0-9]/g, '_');

export const secretNames = (board: string): SecretNames => ({
  hostKey: `BUFMATRIX_HOST_KEY_${variablePart(board)}`,
  identityFile: `BUFMATRIX_IDENTITY_FILE_${variablePart(board)}`,
});

/**
 * A lab's boards with the keys that the environment has for them, which go before the lab file's. An
 * empty variable is none: that is what CI makes of a secret that is not there.
 * @throws UserError that names the variable, and never what is in it.
 */
export function withSecrets(
  boards: readonly Board[],
  environment: Readonly<Record<string, string | undefined>>,
): Board[] {
  const shared = Map.groupBy(boards.filter(isSsh), ({ name }) => variablePart(name));
  return boards.map((board) => {
    if (!isSsh(board)) return board;
    const names = secretNames(board.name);
    const hostKey = environment[names.hostKey]?.trim();
    const identityFile = environment[names.identityFile];
    if (!hostKey && !identityFile) return board;
    const others = shared.get(variablePart(board.name)) ?? [];
    if (others.length > 1) throw ambiguous(names, others);
    if (hostKey && !HostKey.safeParse(hostKey).success)
      throw wrong(
        names.hostKey,
        'it is no host key',
        'put there what hostKey in the lab file takes',
      );
    if (identityFile && !isKeyFile(identityFile))
      throw wrong(
        names.identityFile,
        'it is not the absolute path of a file that is there',
        "put there the path of a private key's file, not the key; it may have letters, digits and `_./+@,:=-`",
      );
    return {
      ...board,
      hostKey: hostKey || board.hostKey,
      identityFile: identityFile || board.identityFile,
    };
  });
}

/** What the lab file would take, and absolute: nothing that ssh would expand. */
const isKeyFile = (path: string) =>
  path.startsWith('/') && PathText.safeParse(path).success && existsSync(path);

const isSsh = ({ access }: Board) => access.kind === 'ssh';

const wrong = (name: string, what: string, hint: string) =>
  new UserError({ code: 'lab', message: `the environment variable ${name}: ${what}`, hint });

function ambiguous(names: SecretNames, boards: readonly Board[]): UserError {
  const all = boards.map(({ name }) => name).join(', ');
  return wrong(
    `${names.hostKey} or ${names.identityFile}`,
    `it could be meant for any of ${all}`,
    'rename boards so that their names differ in letters and digits',
  );
}
