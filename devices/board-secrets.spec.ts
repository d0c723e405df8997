import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import { secretNames, withSecrets } from './board-secrets.ts';
import { loadLab, loadProfiles } from './load.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFromTheEnvironment';
const profiles = loadProfiles(resolve(dirname(fileURLToPath(import.meta.url))));

test.group('keys from the environment', (group) => {
  let folder = '';
  group.each.setup(() => {
    folder = mkdtempSync(join(tmpdir(), 'bufmatrix-secrets-'));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const lab = (...entries: readonly string[]) => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(file, `boards:\n${entries.map((one) => `  ${one}\n`).join('')}`);
    return loadLab(file, profiles);
  };
  const PI =
    'desk-pi: {profile: rpi4, access: "ssh://pi@h", hostKey: "ssh-ed25519 AAAAoldoldoldoldoldold"}';

  test('go before the lab file’s, and an empty one is none', ({ assert }) => {
    const boards = lab(PI, 'here: {profile: rpi4, access: local}');
    const file = join(folder, 'key');
    writeFileSync(file, '');
    const [pi, here] = withSecrets(boards, {
      BUFMATRIX_HOST_KEY_DESK_PI: `${KEY}\n`,
      BUFMATRIX_IDENTITY_FILE_DESK_PI: file,
      BUFMATRIX_HOST_KEY_HERE: KEY,
    });
    assert.deepInclude(pi, { hostKey: KEY, identityFile: file });
    assert.deepEqual(here, boards[1]);
    assert.deepEqual(
      withSecrets(boards, { BUFMATRIX_HOST_KEY_DESK_PI: '', BUFMATRIX_IDENTITY_FILE_DESK_PI: '' }),
      boards,
    );
  });

  test('that are wrong are named and not shown', ({ assert }) => {
    const boards = lab(PI);
    const { hostKey, identityFile } = secretNames('desk-pi');
    const secret = '-----BEGIN OPENSSH PRIVATE KEY-----';
    for (const [name, value] of [
      [hostKey, secret],
      [hostKey, `${KEY} root@board`],
      [hostKey, `${KEY}\n${KEY}`],
      [identityFile, secret],
      [identityFile, 'below/here.key'],
      [identityFile, join(folder, 'none')],
      [identityFile, `${folder} -oProxyCommand=x`],
    ] as const) {
      let said = '';
      try {
        withSecrets(boards, { [name]: value });
      } catch (error) {
        said = String(error);
      }
      assert.include(said, `the environment variable ${name}: `);
      assert.notInclude(said, value);
    }
  });

  test('are refused where two boards could be meant', ({ assert }) => {
    const boards = lab(PI, 'desk_pi: {profile: rpi4, access: "ssh://h"}');
    assert.deepEqual(withSecrets(boards, {}), boards);
    assert.throws(
      () => withSecrets(boards, { BUFMATRIX_HOST_KEY_DESK_PI: KEY }),
      /could be meant for any of desk-pi, desk_pi/,
    );
  });
});
