import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { parseAccess } from './access.ts';
import { type Board, boardNamed, knownBoards } from './boards.ts';
import { loadLab, loadProfiles } from './load.ts';
import { UserError } from './problem.ts';

const devices = dirname(fileURLToPath(import.meta.url));
const profiles = loadProfiles(devices);
const KNOWN = profiles.map(({ profile }) => profile.name).join(', ');

function inFolder<T>(content: string, body: (file: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lab-'));
  try {
    writeFileSync(join(folder, 'lab.yaml'), content);
    return body(join(folder, 'lab.yaml'), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const load = (content: string): Board[] => inFolder(content, (file) => loadLab(file, profiles));

/** The message for `boards: {b: {profile: rpi4, ACCESS...}}`, without its folder. */
function complaint(content: string): string {
  return inFolder(content, (file, folder) => {
    try {
      loadLab(file, profiles);
      return '';
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message.replaceAll(`${folder}/`, '');
    }
  });
}

const FORM = 'Next: correct it there (local, virtual or ssh://USER@HOST:PORT).';
const HOST =
  'the host may have letters, digits and `.-_` (an IPv6 address in brackets), and begins with a letter or digit';

test.group('ways to a board', () => {
  test('{text}')
    .with([
      { text: 'local', is: { kind: 'local' } },
      { text: 'virtual', is: { kind: 'virtual' } },
      { text: 'ssh://pi', is: { kind: 'ssh', user: null, host: 'pi', port: null } },
      { text: 'ssh://pi@rpi4:22', is: { kind: 'ssh', user: 'pi', host: 'rpi4', port: 22 } },
      {
        text: 'ssh://root@10.0.0.7/',
        is: { kind: 'ssh', user: 'root', host: '10.0.0.7', port: null },
      },
      {
        text: 'ssh://pi@[fe80::1%eth0]:2222',
        is: { kind: 'ssh', user: 'pi', host: 'fe80::1%eth0', port: 2222 },
      },
      { text: 'ssh://[::1]', is: { kind: 'ssh', user: null, host: '::1', port: null } },
    ])
    .run(({ assert }, { text, is }) => assert.deepEqual(parseAccess(text), is));

  test('refuses {shown}')
    .with(
      [
        'ssh://',
        'ssh://-oProxyCommand=sh',
        'ssh://pi@-x',
        'ssh://-l@host',
        'ssh://a b@host',
        'ssh://pi@ho st',
        'ssh://pi@host;reboot',
        'ssh://pi@$(reboot)',
        'ssh://pi@`id`',
        'ssh://pi@host|cat',
        'ssh://pi@host&',
        'ssh://pi@host\n',
        'ssh://pi@host>x',
        "ssh://pi@ho'st",
        'ssh://pi@%h',
        'ssh://pi@host:0',
        'ssh://pi@host:65536',
        'ssh://pi@host:-1',
        'ssh://pi@host:22x',
        'ssh://pi@host:',
        'ssh://pi@host/path',
        'ssh://fe80::1',
        'ssh://[fe80]',
        'ssh://[::1;x]',
        'ssh://[-x::]',
        'ssh://pi:secret@host',
        'pi@host',
        'http://host',
        'Local',
        '',
        ' local',
        'ssh://ho\u0000st',
        'ssh://h\u00f6st',
        'ssh://@host',
      ].map((text) => ({ text, shown: JSON.stringify(text) })),
    )
    .run(({ assert }, { text }) => assert.isString(parseAccess(text)));

  test('whatever is accepted, nothing of it can be an option or mean anything to a shell', ({
    assert,
  }) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...'ab1-._:@[]%/;$`\'" \n'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (rest) => {
        const access = parseAccess(`ssh://${rest}`);
        if (typeof access === 'string' || access.kind !== 'ssh') return;
        assert.match(access.host, /^[A-Za-z0-9:][A-Za-z0-9._:%-]*$/);
        assert.match(access.user ?? 'x', /^[A-Za-z_][A-Za-z0-9_.-]*$/);
      }),
      { numRuns: 500 },
    );
  });
});

test.group('malformed lab files', () => {
  test('{says}')
    .with([
      {
        entry: 'access: "ssh://pi@-oFoo"',
        says: `lab.yaml:1:37 boards.b.access: ${HOST}. ${FORM}`,
      },
      {
        entry: 'access: "ssh://pi@h;rm -rf ~"',
        says: `lab.yaml:1:37 boards.b.access: ${HOST}. ${FORM}`,
      },
      {
        entry: 'access: ssh',
        says: `lab.yaml:1:37 boards.b.access: a way to a board is local, virtual or ssh://USER@HOST:PORT. ${FORM}`,
      },
      {
        entry: 'access: 22',
        says: 'lab.yaml:1:37 boards.b.access: write it in quotes (22 is a YAML number). Next: access: "22".',
      },
      {
        entry: 'access: virtual',
        says: 'lab.yaml:1:37 boards.b.access: the profile rpi4 has no machine, so it is no virtual board. Next: write ssh://USER@HOST:PORT or local.',
      },
      {
        entry: 'access: local, hostkey: x',
        says: 'lab.yaml:1:44 boards.b.hostkey: unknown key; known here: profile, access, hostKey, identityFile, power, prepare, reboot, workdir, virtual. Next: write hostKey if that was meant.',
      },
      {
        entry: 'access: "ssh://h", hostKey: "ssh-ed25519 AAAA root@pi"',
        says: 'lab.yaml:1:57 boards.b.hostKey: a host key is its type and its base64 text, as in `ssh-ed25519 AAAA...`, without a name or comment. Next: correct it there (the key that the board must show; default known_hosts).',
      },
      {
        entry: 'access: local, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"',
        says: 'lab.yaml:1:53 boards.b.hostKey: this is only for a board with access: ssh://…. Next: remove it, or change access.',
      },
      {
        entry: 'access: "ssh://h", identityFile: "-oX"',
        says: "lab.yaml:1:62 boards.b.identityFile: a path has letters, digits and `_./+@,:=-`, does not begin with `-`, and has no blanks or shell characters. Next: correct it there (a private key's file; default what ssh would take).",
      },
      {
        entry: 'access: "ssh://h", identityFile: "/a b"',
        says: "lab.yaml:1:62 boards.b.identityFile: a path has letters, digits and `_./+@,:=-`, does not begin with `-`, and has no blanks or shell characters. Next: correct it there (a private key's file; default what ssh would take).",
      },
      {
        entry: 'access: local, workdir: "~/$(id)"',
        says: 'lab.yaml:1:53 boards.b.workdir: a folder on the board is an absolute path of letters, digits and `_./+@,:=-`. Next: correct it there (where the agent is put; default ~/.cache/bufmatrix).',
      },
      {
        entry: 'access: local, power: "reboot now"',
        says: 'lab.yaml:1:51 boards.b.power: this must be a list (lines that begin with `- `, or [A, B]). Next: correct it there (a program and its arguments that turns the board off and on again; no shell).',
      },
      {
        entry: 'access: local, power: [--now]',
        says: 'lab.yaml:1:51 boards.b.power: the program may not begin with `-`. Next: write the path of a program.',
      },
      {
        entry: 'access: local, power: [uhubctl, -p, 2]',
        says: 'lab.yaml:1:65 boards.b.power.2: write it in quotes (2 is a YAML number). Next: "2".',
      },
      {
        entry: 'access: local, reboot: always',
        says: 'lab.yaml:1:52 boards.b.reboot: always is not one of never, on-taint. Next: use one of never, on-taint.',
      },
      {
        entry: 'access: local, virtual: {kernel: 6.10}',
        says: 'lab.yaml:1:62 boards.b.virtual.kernel: write the version in quotes (6.10 lost its 0 as a YAML number). Next: kernel: "6.10".',
      },
      {
        entry: 'access: local, virtual: {mesa: 26.1}',
        says: 'lab.yaml:1:60 boards.b.virtual.mesa: write the version in quotes (26.1 is a YAML number). Next: mesa: "26.1".',
      },
      {
        entry: 'access: local, virtual: {kernel: "6.12; id"}',
        says: 'lab.yaml:1:62 boards.b.virtual.kernel: a series is two numbers in quotes, such as "6.12"; its newest version is taken. Next: correct it there (the kernel series in quotes, such as "6.12").',
      },
      {
        entry: 'access: virtual, virtual: {kernel: "6.12.94"}',
        says: 'lab.yaml:1:64 boards.b.virtual.kernel: a series is two numbers in quotes, such as "6.12"; its newest version is taken. Next: correct it there (the kernel series in quotes, such as "6.12").',
      },
      {
        entry: 'access: virtual, virtual: {mesa: "26"}',
        says: 'lab.yaml:1:62 boards.b.virtual.mesa: a series is two numbers in quotes, such as "6.12"; its newest version is taken. Next: correct it there (the Mesa series in quotes, such as "26.1").',
      },
      {
        entry: 'access: local, virtual: {}',
        says: 'lab.yaml:1:53 boards.b.virtual: this is only for a board with access: virtual. Next: remove it, or change access.',
      },
      {
        entry: 'reboot: never',
        says: 'lab.yaml:1:10 boards.b.access: this key is missing. Next: add a line `access: …` (local, virtual or ssh://USER@HOST:PORT).',
      },
    ])
    .run(({ assert }, { entry, says }) =>
      assert.equal(complaint(`boards: {b: {profile: rpi4, ${entry}}}\n`), says),
    );

  test('the whole file: {says}')
    .with([
      {
        content: 'boards: {-x: {profile: rpi4, access: local}}\n',
        says: 'lab.yaml:1:10 boards.-x: a name is letters, digits, `-`, `_` and `.`, begins with a letter or digit, and has at most 63 characters. Next: rename it.',
      },
      {
        content: 'boards: {b: {profile: rpi44, access: local}}\n',
        says: `lab.yaml:1:23 boards.b.profile: unknown profile rpi44; known: ${KNOWN}. Next: write rpi4 if that was meant.`,
      },
      {
        content: 'boards: {b: {profile: ./none.yaml, access: local}}\n',
        says: 'lab.yaml:1:23 boards.b.profile: the profile ./none.yaml cannot be used. Next: correct that file, or name another profile.\nnone.yaml: the file cannot be read: there is no such file. Next: name a YAML file that is there.',
      },
      {
        content: 'boards: [b]\n',
        says: 'lab.yaml:1:9 boards: this must be a map (lines of `key: value`). Next: correct it there (NAME: {profile, access, ...} for each board).',
      },
      {
        content: 'bords: {}\n',
        says: 'lab.yaml:1:1 boards: this key is missing. Next: add a line `boards: …` (NAME: {profile, access, ...} for each board).\nlab.yaml:1:1 bords: unknown key; known here: schema, boards. Next: write boards if that was meant.',
      },
      {
        content: 'schema: 2\nboards: {}\n',
        says: 'lab.yaml:1:9 schema: this bufmatrix reads lab files of schema 1. Next: write 1.',
      },
      {
        content: 'boards: {b: {profile: rpi4, access: x}, c: {profile: pi, access: local}}\n',
        says: `lab.yaml:1:37 boards.b.access: a way to a board is local, virtual or ssh://USER@HOST:PORT. ${FORM}\nlab.yaml:1:54 boards.c.profile: unknown profile pi; known: ${KNOWN}. Next: use one of ${KNOWN}.`,
      },
    ])
    .run(({ assert }, { content, says }) => assert.equal(complaint(content), says));
});

test.group('boards', () => {
  test('the example loads', ({ assert }) => {
    const boards = loadLab(join(devices, '../lab.example.yaml'), profiles);
    assert.deepEqual(
      boards.map(({ name, access }) => [name, access.kind]),
      [
        ['desk-pi', 'ssh'],
        ['no-iommu-old-mesa', 'virtual'],
        ['no-iommu-new-kernel', 'virtual'],
        ['no-iommu-programs', 'virtual'],
      ],
    );
  });

  test('paths of keys are made absolute, by the lab file or by home', ({ assert }) => {
    const entry = (path: string) => `{profile: rpi4, access: "ssh://h", identityFile: "${path}"}`;
    inFolder(
      `boards: {a: ${entry('keys/a')}, b: ${entry('~/b')}, c: ${entry('/c')}}`,
      (file, folder) => {
        const files = loadLab(file, profiles).map(({ identityFile }) => identityFile);
        assert.deepEqual(files, [join(folder, 'keys/a'), join(homedir(), 'b'), '/c']);
      },
    );
  });

  test('a profile can be a file beside the lab file', ({ assert }) => {
    inFolder('boards: {b: {profile: mine.yaml, access: local}}', (file, folder) => {
      writeFileSync(join(folder, 'mine.yaml'), 'schema: 1\nname: mine\ntitle: M\ndevices: {}\n');
      assert.equal(loadLab(file, profiles)[0]?.profile.profile.name, 'mine');
    });
  });

  test('without a lab file, the virtual boards are known by their profiles', ({ assert }) => {
    const boards = knownBoards([], profiles);
    assert.deepEqual(
      boards.map(({ name }) => name),
      [
        'virtual-contiguous-v4l2',
        'virtual-iommu',
        'virtual-no-iommu',
        'virtual-pl111',
        'virtual-scatter',
      ],
    );
    assert.deepEqual(boards[0]?.virtual, {
      kernel: null,
      mesa: null,
      applications: false,
      accel: 'auto',
    });
  });

  test("a lab file's board takes the place of the virtual one of its name", ({ assert }) => {
    const lab = load(
      'boards: {virtual-iommu: {profile: virtual-iommu, access: virtual, virtual: {kernel: "7.3"}}}',
    );
    const found = boardNamed('virtual-iommu', knownBoards(lab, profiles));
    assert.equal(found.virtual.kernel, '7.3');
    assert.lengthOf(knownBoards(lab, profiles), 5);
  });

  test('an unknown board lists the known ones', ({ assert }) => {
    assert.throws(
      () => boardNamed('virtual-iomu', knownBoards([], profiles)),
      /^unknown board "virtual-iomu"; known: virtual-contiguous-v4l2, .*Next: write virtual-iommu if that was meant/,
    );
  });
});
