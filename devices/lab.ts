import { z } from 'zod';
import { parseAccess } from './access.ts';
import { Name } from './names.ts';

/** Not a letter of it may be an option, a shell's or ssh_config's metacharacter, or a blank. */
export const PathText = z.string().regex(/^(?:~\/)?[A-Za-z0-9_./][A-Za-z0-9_./+@,:=-]{0,1000}$/, {
  error:
    'a path has letters, digits and `_./+@,:=-`, does not begin with `-`, and has no blanks or shell characters',
});

/** A folder on the board: absolute, so that it means the same to everybody. */
const BoardFolder = z.string().regex(/^\/[A-Za-z0-9_./+@,:=-]{0,1000}$/, {
  error: 'a folder on the board is an absolute path of letters, digits and `_./+@,:=-`',
});

export const HostKey = z
  .string()
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]{20,2000}={0,3}$/,
    {
      error:
        'a host key is its type and its base64 text, as in `ssh-ed25519 AAAA...`, without a name or comment',
    },
  );

/** What is chosen from: Debian's suites have one version of each series. */
const Series = z.string().regex(/^\d{1,3}\.\d{1,3}$/, {
  error: 'a series is two numbers in quotes, such as "6.12"; its newest version is taken',
});

const Argument = z.string().regex(/^[ -~\u00a0-\uffff]{1,1000}$/, {
  error: 'an argument is one line without control characters',
});

const WayIn = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseAccess(text);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  })
  .describe('local, virtual or ssh://USER@HOST:PORT');

export const LabEntry = z.strictObject({
  profile: z
    .string()
    .regex(/^(?:\.{0,2}\/)?[A-Za-z0-9_][A-Za-z0-9_./+@,-]{0,1000}$/, {
      error: 'a profile is named by its name, or by a path to its .yaml file beside this file',
    })
    .describe("a profile's name, or a path to its .yaml file, relative to this file"),
  access: WayIn,
  hostKey: HostKey.optional().describe('the key that the board must show; default known_hosts'),
  identityFile: PathText.optional().describe("a private key's file; default what ssh would take"),
  power: z
    .array(Argument)
    .min(1)
    .optional()
    .describe('a program and its arguments that turns the board off and on again; no shell'),
  prepare: z
    .array(Argument)
    .min(1)
    .optional()
    .describe(
      'a program and its arguments that brings the board into the state that is measured, such as booting the kernel under test; once a run, before the board is reached; no shell',
    ),
  reboot: z
    .enum(['never', 'on-taint'])
    .default('never')
    .describe('whether the board is rebooted when its kernel is tainted'),
  workdir: BoardFolder.optional().describe('where the agent is put; default ~/.cache/bufmatrix'),
  virtual: z
    .strictObject({
      kernel: Series.optional().describe('the kernel series in quotes, such as "6.12"'),
      mesa: Series.optional().describe('the Mesa series in quotes, such as "26.1"'),
      applications: z
        .boolean()
        .default(false)
        .describe('also camera and media programs, with all of Debian sid'),
      accel: z
        .enum(['auto', 'tcg', 'kvm'])
        .default('auto')
        .describe('auto tries KVM for a moment and goes on without it'),
    })
    .optional()
    .describe('for access: virtual'),
});
export type LabEntry = z.infer<typeof LabEntry>;

/** The lab file: which boards there are here, and how to get at them. */
export const Lab = z
  .strictObject({
    schema: z.literal(1, { error: 'this bufmatrix reads lab files of schema 1' }).default(1),
    boards: z.record(Name, LabEntry).describe('NAME: {profile, access, ...} for each board'),
  })
  .describe('A bufmatrix lab file');
export type Lab = z.infer<typeof Lab>;

/** What the schema cannot see of one board's entry: keys that do not go with its way in. */
export function checkLabEntry(
  name: string,
  entry: LabEntry,
): { path: string[]; what: string; hint: string }[] {
  const only = (key: keyof LabEntry, way: string) => ({
    path: ['boards', name, key],
    what: `this is only for a board with access: ${way}`,
    hint: 'remove it, or change access',
  });
  const isSsh = entry.access.startsWith('ssh://');
  return [
    ...(entry.hostKey !== undefined && !isSsh ? [only('hostKey', 'ssh://…')] : []),
    ...(entry.identityFile !== undefined && !isSsh ? [only('identityFile', 'ssh://…')] : []),
    ...(entry.virtual !== undefined && entry.access !== 'virtual'
      ? [only('virtual', 'virtual')]
      : []),
    ...(['power', 'prepare'] as const)
      .filter((key) => entry[key]?.[0]?.startsWith('-'))
      .map((key) => ({
        path: ['boards', name, key],
        what: 'the program may not begin with `-`',
        hint: 'write the path of a program',
      })),
  ];
}
