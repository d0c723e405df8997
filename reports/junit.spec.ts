import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import { junitReport } from './junit.ts';
import {
  HOSTILE,
  sampleClaims,
  sampleHostile,
  sampleRuns,
  sampleUnreachable,
} from './testing/sample.ts';

const schema = fileURLToPath(new URL('../../shared/data/junit-10.xsd', import.meta.url));
const missing = !existsSync(schema)
  ? 'no ../shared/data/junit-10.xsd beside the project'
  : spawnSync('xmllint', ['--version']).error
    ? 'xmllint is not installed (Debian: libxml2-utils)'
    : '';

const count = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).length;

test.group('JUnit', () => {
  for (const [name, runs] of [
    ['the sample boards', sampleRuns()],
    ['hostile text', [sampleHostile()]],
    ['a board that never answered', [sampleUnreachable()]],
    ['claims', [sampleClaims()]],
    ['no boards', []],
  ] as const)
    test(`${name}: valid against Jenkins' schema`, ({ assert }) => {
      const args = ['--noout', '--schema', schema, '-'];
      const { status, stderr } = spawnSync('xmllint', args, { input: junitReport(runs) });
      assert.equal(status, 0, String(stderr));
    }).skip(missing !== '', missing);

  test('every cell is a test case, and every skip has its own reason', ({ assert }) => {
    const xml = junitReport(sampleRuns());
    assert.equal(count(xml, /<testcase /g), 3 * 224);
    assert.equal(count(xml, /<failure /g), 65);
    assert.equal(count(xml, /<skipped\s*\/>/g), 0);
    assert.equal(count(xml, /<skipped message="unsupported at framebuffer: no rendering /g), 42);
    assert.equal(count(xml, /<skipped message="not-run: filtered"/g), 3);
    assert.match(
      xml,
      /name="encoder\/heap:reserved\/v4l2-output:vivid\/NV12\/1920x1080\/0x0" time="0">\s*<skipped message="not-run: filtered"/,
    );
  });

  test('a cell that was never reported fails, and is never a pass', ({ assert }) => {
    const xml = junitReport(sampleRuns());
    assert.match(
      xml,
      /<testcase classname="sample-desk.encoder" name="encoder\/udmabuf\/v4l2-output:vivid\/XR24\/640x480\/0x0" time="0">\s*<failure message="not-run: no record; lost: no answer [^"]*" type="not-run"/,
    );
  });

  test('a board that never answered fails instead of vanishing', ({ assert }) => {
    assert.match(
      junitReport([sampleUnreachable()]),
      /classname="sample-unreachable" name="board">\s*<failure message="unreachable: ssh: /,
    );
  });

  test('a failure holds the ladder, the kernel log and the command', ({ assert }) => {
    const xml = junitReport(sampleRuns());
    assert.match(
      xml,
      /<failure message="crash at draw SIGSEGV: killed by SIGSEGV; cause: driver-crash \(told\)" type="crash">/,
    );
    assert.match(xml, / {2}draw {9}entered/);
    assert.include(
      xml,
      'again: bufmatrix run sample-desk --cell egl-sample/udmabuf/egl:vkms/XR24/640x480/0x0',
    );
  });

  test('hostile text makes no elements and no control characters', ({ assert }) => {
    const xml = junitReport([sampleHostile()]);
    const outside = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
    assert.notInclude(outside, '<script');
    assert.notInclude(outside, '<img');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.notMatch(xml, /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/);
    assert.include(HOSTILE, '<skipped/>');
    assert.equal(count(outside, /<skipped message="[^"]+"/g), count(outside, /<skipped/g));
  });
});
