import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from '@japa/runner';
import { refusal } from '../devices/testing/refusal.ts';
import { chosen, loadLibrary, loadPolicy } from './load.ts';

const POLICY = `schema: 1
name: mine
title: A policy
program: a program
version: "1"
source: its code
select: first-openable
providers: [udmabuf]
`;
const USE_CASE = `schema: 1
name: mine
title: A use case
buffers:
  - name: frame
    formats: [NV12]
    consumers:
      - { name: display, suite: kms-primary, required: true }
`;

function folderOf(files: Readonly<Record<string, string>>): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-test-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

test.group('policies and use cases that come with bufmatrix', () => {
  test('are well formed, named as their files, and each has its source', ({ assert }) => {
    const folder = new URL('.', import.meta.url).pathname;
    const { policies, useCases } = loadLibrary([folder]);
    assert.isAbove(policies.length, 12);
    for (const [loaded, inside] of [
      [policies, folder],
      [useCases, join(folder, 'use-cases')],
    ] as const)
      assert.sameMembers(
        loaded.map(({ name }) => `${name}.yaml`),
        readdirSync(inside).filter((name) => name.endsWith('.yaml')),
      );
    for (const { source, name } of policies) assert.isNotEmpty(source, name);
    assert.includeMembers(
      policies.map(({ name }) => name),
      [
        'libcamera-0.7.2',
        'libcamera-udmabuf-first',
        'gstreamer-1.28-waylandsink',
        'ivi-homescreen',
      ],
    );
    assert.includeMembers(
      useCases.map(({ name }) => name),
      [
        'viewfinder-kms',
        'preview-compositor',
        'camera-encoder',
        'gpu-isp',
        'decoder-kms',
        'transcode',
      ],
    );
  });
});

test.group('a policy or use case that cannot be meant', () => {
  test('{what}: told with its place and the next step')
    .with([
      {
        what: 'an unknown provider',
        files: { 'a.yaml': POLICY.replace('[udmabuf]', '[udmabuf, heep:system]') },
        message: /a\.yaml:8:\d+ providers\.1: unknown provider; a provider is udmabuf, heap:NAME/,
      },
      {
        what: 'an empty order',
        files: { 'a.yaml': POLICY.replace('[udmabuf]', '[]') },
        message: /a\.yaml:8:\d+ providers: .*(order is empty|too short)/,
      },
      {
        what: 'a provider twice',
        files: { 'a.yaml': POLICY.replace('[udmabuf]', '[udmabuf, udmabuf]') },
        message: /a\.yaml:8:\d+ providers\.1: udmabuf is in the order twice/,
      },
      {
        what: 'two of one name',
        files: { 'a.yaml': POLICY, 'b.yaml': POLICY },
        message:
          /b\.yaml:2:7 name: mine is also the name in .*a\.yaml:2:7\. Next: rename one of the two/,
      },
      {
        what: 'a version that YAML takes for a number',
        files: { 'a.yaml': POLICY.replace('"1"', '1.10') },
        message: /a\.yaml:5:\d+ version: write the version in quotes/,
      },
      {
        what: 'an unknown key',
        files: { 'a.yaml': `${POLICY}fallbackon: [open]\n` },
        message: /a\.yaml:9:1 fallbackon: unknown key; .*Next: write fallbackOn/,
      },
      {
        what: 'a use case without consumers',
        files: {
          'a.yaml': POLICY,
          'use-cases/u.yaml': USE_CASE.replace(/consumers:\n.*\n/, 'consumers: []\n'),
        },
        message: /u\.yaml:7:\d+ buffers\.0\.consumers: .*(nothing to judge|too short)/,
      },
      {
        what: 'a consumer that can be done without and has no price',
        files: { 'a.yaml': POLICY, 'use-cases/u.yaml': USE_CASE.replace('true', 'false') },
        message: /u\.yaml:8:\d+ buffers\.0\.consumers\.0: .*says what its refusal costs/,
      },
    ])
    .run(({ assert, cleanup }, { files, message }) => {
      const { folder, remove } = folderOf(files as Record<string, string>);
      cleanup(remove);
      const error = refusal(() => loadLibrary([folder]));
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
      assert.include(error.message, 'Next: ');
    });

  test('an unknown name is told with those that are known', ({ assert }) => {
    const known = [{ name: 'libcamera-0.7.2' }];
    const error = refusal(() =>
      chosen('policy', ['libcamera-0.7.1'], known, () => {
        throw new Error('no file was named');
      }),
    );
    assert.match(error.message, /unknown policy libcamera-0\.7\.1; known: libcamera-0\.7\.2/);
    assert.include(error.message, 'write libcamera-0.7.2 if that was meant');
  });

  test('a file is read by its path', ({ assert, cleanup }) => {
    const { folder, remove } = folderOf({ 'a.yaml': POLICY });
    cleanup(remove);
    const [found] = chosen('policy', [join(folder, 'a.yaml')], [], loadPolicy);
    assert.equal(found?.name, 'mine');
  });
});
