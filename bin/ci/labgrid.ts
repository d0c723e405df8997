import { Document, isScalar } from 'yaml';
import type { Access } from '../../devices/access.ts';
import { variablePart } from '../../devices/board-secrets.ts';
import type { CiLab } from './job.ts';

const ABOUT = [
  'An environment of labgrid, written by bufmatrix ci labgrid: one target a board that is reached over',
  'ssh. bufmatrix goes to the board by itself; labgrid keeps it for you and turns it on:',
  '',
  '    labgrid-client -p PLACE acquire && bufmatrix run BOARD',
  '',
  "LG_BUFMATRIX_IDENTITY_FILE_NAME is the path of a private key's file. Host keys are ssh's own affair",
  'here: labgrid does not check them.',
];

type SshAccess = Extract<Access, { kind: 'ssh' }>;

/** An environment of labgrid. Boards that it cannot describe are named in a comment. */
export function labgridEnvironment({ jobs }: CiLab): string {
  const targets: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const { board, access } of jobs) {
    if (access.kind !== 'ssh') leftOut.push(`${board} (${access.kind})`);
    else if (access.user === null) leftOut.push(`${board} (the lab file names no user)`);
    else targets[board] = targetOf(board, access, access.user);
  }
  const document = new Document({ targets });
  for (const { board } of jobs) tagTemplate(document, board);
  const left = leftOut.length ? ['', `Left out: ${leftOut.join(', ')}.`] : [];
  document.commentBefore = [...ABOUT, ...left].map((line) => (line ? ` ${line}` : '')).join('\n');
  return document.toString({ lineWidth: 0 });
}

const targetOf = (board: string, { host, port }: SshAccess, username: string) => ({
  resources: { NetworkService: { address: host, username, port: port ?? 22 } },
  drivers: { SSHDriver: { keyfile: `$LG_BUFMATRIX_IDENTITY_FILE_${variablePart(board)}` } },
});

/** labgrid puts environment variables, of names that begin with LG_, into values of this tag alone. */
function tagTemplate(document: Document, board: string): void {
  const keyfile = document.getIn(['targets', board, 'drivers', 'SSHDriver', 'keyfile'], true);
  if (isScalar(keyfile)) keyfile.tag = '!template';
}
