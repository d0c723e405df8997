import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { loadProfile, loadProfiles } from './load.ts';
import { UserError } from './problem.ts';

const GOOD = 'schema: 1\nname: x\ntitle: X\ndevices: {kms: [{driver: vc4}]}\n';

/** The message for a file of that content, the folder's name cut off; empty when it loads. */
function complaint(content: string | Uint8Array, file = 'x.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-load-'));
  try {
    writeFileSync(join(folder, file), content);
    loadProfile(join(folder, file));
    return '';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.replaceAll(`${folder}/`, '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ONLY =
  'schema, name, title, about, recognise, devices, backends, suites, tolerance, limits, machine, standIn, expect';
const OUTCOMES = 'pass, refused, corrupt, crash, hang, unsupported, blocked, not-run';

test.group('malformed profiles', () => {
  test('{says}')
    .with([
      // YAML itself.
      { add: 'name: y\n', says: 'x.yaml:5:1 Map keys must be unique. Next: keep one of the two.' },
      {
        add: 'about: *there\n',
        says: 'x.yaml:5:8 *there names an anchor that is not set before it. Next: write the value out, or set &there further up.',
      },
      {
        add: 'about: !secret x\n',
        says: 'x.yaml:5:8 Unresolved tag: !secret. Next: correct the YAML there.',
      },
      {
        add: 'about: "x\n',
        says: 'x.yaml:6:1 Missing closing "quote. Next: correct the YAML there.',
      },
      // Keys.
      {
        add: 'limit: {}\n',
        says: `x.yaml:5:1 limit: unknown key; known here: ${ONLY}. Next: write limits if that was meant.`,
      },
      {
        add: '__proto__: {}\n',
        says: `x.yaml:5:1 __proto__: unknown key; known here: ${ONLY}. Next: remove it, or use a known key.`,
      },
      {
        add: 'limits:\n  modset: true\n',
        says: 'x.yaml:6:3 limits.modset: unknown key; known here: modeset, cellSeconds, bufferMiB, exhaustCma. Next: write modeset if that was meant.',
      },
      {
        add: 'suites: {egl-smaple: {}}\n',
        says: 'x.yaml:5:10 suites.egl-smaple: unknown key; known here: allocate, cpu, egl-sample, egl-render, kms-primary, kms-overlay, encoder. Next: write egl-sample if that was meant.',
      },
      {
        add: 'recognise: [{}]\n',
        says: 'x.yaml:5:13 recognise.0: the entry is empty, so it would fit every board. Next: correct it there.',
      },
      {
        add: 'expect:\n  - cells: {}\n    outcome: pass\n    source: s\n    basis: claimed\n',
        says: 'x.yaml:6:5 expect.0.reason: this key is missing. Next: add a line `reason: …` (why).',
      },
      {
        add: 'expect:\n  - {cells: {}, outcome: pass, reason: r, basis: claimed}\n',
        says: 'x.yaml:6:5 expect.0.source: this key is missing. Next: add a line `source: …` (where it is written: kernel file and function, issue, mail, document; if measured, BOARD, kernel VERSION).',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, basis: claimed, source: []}]\n',
        says: 'x.yaml:5:72 expect.0.source: the list is empty. Next: correct it there (where it is written: kernel file and function, issue, mail, document; if measured, BOARD, kernel VERSION).',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, basis: claimed, source: " "}]\n',
        says: 'x.yaml:5:72 expect.0.source: it says nothing. Next: correct it there (where it is written: kernel file and function, issue, mail, document; if measured, BOARD, kernel VERSION).',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, source: s}]\n',
        says: 'x.yaml:5:10 expect.0.basis: this key is missing. Next: add a line `basis: …` (claimed: somebody wrote it; measured: a run of bufmatrix shows it).',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, source: s, basis: measured}]\n',
        says: 'x.yaml:5:56 expect.0.source: what was measured was seen on a board and a kernel, and this names none. Next: write BOARD, kernel VERSION, or let basis be claimed.',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, source: [s, "b, kernel 6.12.117"], basis: measured}]\n',
        says: '',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, rate: {min: 0.6}, reason: r, source: s, basis: claimed}]\n',
        says: '',
      },
      // Values.
      {
        add: 'expect: [{cells: {}, outcome: pass, rate: {min: 0.9, max: 0.6}, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:49 expect.0.rate.min: min is larger than max. Next: correct it there.',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, rate: {max: 60}, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:49 expect.0.rate.max: 60 is out of range. Next: write at most 1.',
      },
      {
        add: 'tolerance: {yuv: 256}\n',
        says: 'x.yaml:5:18 tolerance.yuv: 256 is out of range. Next: write at most 255.',
      },
      {
        add: 'limits: {modeset: yes}\n',
        says: 'x.yaml:5:19 limits.modeset: this must be true or false. Next: correct it there (whether a real commit may be made).',
      },
      {
        add: 'backends: []\n',
        says: 'x.yaml:5:11 backends: the list is too short; at least 1. Next: change it, or leave the key out.',
      },
      {
        add: 'backends: [heap]\n',
        says: 'x.yaml:5:12 backends.0: a backend is udmabuf, udmabuf-scattered, heap:*, heap:NAME, dumb:DRIVER, gbm:DRIVER or v4l2:DRIVER. Next: correct it there.',
      },
      {
        add: 'backends: udmabuf\n',
        says: 'x.yaml:5:11 backends: this must be a list (lines that begin with `- `, or [A, B]). Next: correct it there (what allocates; default udmabuf, udmabuf-scattered, heap:*, dumb of each KMS driver, gbm of each GPU but swrast, v4l2 of each encoder).',
      },
      { add: 'recognise: [{pci: [1234:11e8]}]\n', says: '' },
      {
        add: 'recognise: [{pci: ["1234:11E8"]}]\n',
        says: 'x.yaml:5:20 recognise.0.pci.0: a PCI id is vendor:device in lower-case hex, in quotes, such as "1234:11e8". Next: correct it there.',
      },
      {
        add: 'suites: {cpu: {sizes: [640]}}\n',
        says: 'x.yaml:5:24 suites.cpu.sizes.0: write it in quotes (640 is a YAML number). Next: "640".',
      },
      {
        add: 'suites: {cpu: {sizes: [640x0]}}\n',
        says: 'x.yaml:5:24 suites.cpu.sizes.0: a size is written as WIDTHxHEIGHT in pixels, such as 640x480. Next: correct it there.',
      },
      // What the schema alone does not see.
      {
        add: 'suites: {cpu: {formats: [XR42]}}\n',
        says: 'x.yaml:5:26 suites.cpu.formats.0: unknown format XR42; known: XR24, AR24, NV12, YU12, R8, GR88, R16, GR32. Next: write XR24 if that was meant.',
      },
      {
        add: 'suites: {encoder: {}}\n',
        says: 'x.yaml:5:19 suites.encoder: the suite gives buffers to v4l2-m2m or v4l2-output, and the profile names no such device. Next: name one under devices, or remove the suite.',
      },
      {
        add: 'suites: {cpu: {formats: [XR24], sizes: [7680x4320]}}\n',
        says: 'x.yaml:5:41 suites.cpu.sizes.0: a frame of 7680x4320 takes 127 MiB, and limits.bufferMiB is 64. Next: raise the limit if the board can bear it, or choose a smaller size.',
      },
      {
        add: 'suites:\n  cpu:\n    - {formats: [XR24]}\n    - {formats: [XR24], sizes: [640x480]}\n',
        says: 'x.yaml:7:5 suites.cpu: XR24 in 640x480 is asked for twice. Next: ask for it once.',
      },
      {
        add: 'backends: [udmabuf, heap:system, udmabuf]\n',
        says: 'x.yaml:5:34 backends.2: udmabuf is in the list twice. Next: remove one of the two.',
      },
      // Expectations.
      {
        add: 'expect: [{cells: {}, outcome: refuse, reason: r, source: s, basis: claimed}]\n',
        says: `x.yaml:5:31 expect.0.outcome: refuse is not one of ${OUTCOMES}. Next: write refused if that was meant.`,
      },
      {
        add: 'expect: [{cells: {}, outcome: [pass, fail], reason: r, source: s, basis: claimed}]\n',
        says: `x.yaml:5:38 expect.0.outcome.1: fail is not one of ${OUTCOMES}. Next: use one of ${OUTCOMES}.`,
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, stage: qbuf, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:44 expect.0.stage: a pass has no failing stage. Next: remove the stage.',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, errno: EINVAL, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:44 expect.0.errno: a pass has no error. Next: remove the errno.',
      },
      {
        add: 'expect: [{cells: {}, outcome: hang, orLucky: true, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:46 expect.0.orLucky: luck can only turn a refusal into a pass. Next: remove it, or let outcome be refused.',
      },
      {
        add: 'expect: [{cells: {}, outcome: refused, errno: 22, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:47 expect.0.errno: write it in quotes (22 is a YAML number). Next: errno: "22".',
      },
      {
        add: 'expect: [{cells: {modifier: 0x0}, outcome: pass, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:29 expect.0.cells.modifier: write it in quotes (YAML makes the number 0 of it). Next: modifier: "0x0".',
      },
      {
        add: 'expect: [{cells: {importer: "kms:vc5"}, outcome: pass, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:29 expect.0.cells.importer: kms:vc5 fits no importer of this profile; it has -, kms:vc4. Next: write kms:vc4 if that was meant.',
      },
      {
        add: 'expect: [{cells: {backend: [udmabuf, "heap:*"]}, outcome: pass, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:38 expect.0.cells.backend.1: heap:* fits no backend of this profile; it has udmabuf-scattered, udmabuf, dumb:vc4. Next: use one of udmabuf-scattered, udmabuf, dumb:vc4.',
      },
      {
        add: 'expect: [{cells: {suite: cpu, importer: "kms:vc4"}, outcome: pass, reason: r, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:18 expect.0.cells: no cell of this profile fits all of these keys at once. Next: see the cells with `bufmatrix run --dry-run`.',
      },
      {
        add: 'expect:\n  - {cells: {suite: "kms-*"}, outcome: pass, reason: r, source: s, basis: claimed}\n  - {cells: {suite: kms-primary}, outcome: pass, reason: r, source: s, basis: claimed}\n',
        says: 'x.yaml:7:13 expect.1.cells: entries before this one take all of its cells; the first that fits counts. Next: move it further up, or remove it.',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, kernel: 6.10, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:56 expect.0.kernel: write the version in quotes (6.10 lost its 0 as a YAML number). Next: kernel: "6.10".',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, kernel: 6.17, source: s, basis: claimed}]\n',
        says: 'x.yaml:5:56 expect.0.kernel: write the version in quotes (6.17 is a YAML number). Next: kernel: "6.17".',
      },
      {
        add: 'expect: [{cells: {}, outcome: pass, reason: r, mesa: "new", source: s, basis: claimed}]\n',
        says: 'x.yaml:5:54 expect.0.mesa: a range is words such as ">=6.17" or ">=6.12 <7", each an operator and a version. Next: correct it there (a range in quotes, such as ">=6.17 <7").',
      },
      // The machine ends up in an argument list and on a kernel command line.
      {
        add: 'machine: {arch: mips, qemuMachine: q35, cpu: max}\n',
        says: 'x.yaml:5:17 machine.arch: mips is not one of x86_64, arm. Next: use one of x86_64, arm.',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: "-daemonize", cpu: x}\n',
        says: 'x.yaml:5:35 machine.qemuMachine: a QEMU machine or CPU is named with letters, digits and `_.-`. Next: correct it there (what `qemu-system-* -machine help` lists).',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: v, cpu: "x,dumpdtb=/tmp/x"}\n',
        says: 'x.yaml:5:43 machine.cpu: a QEMU machine or CPU is named with letters, digits and `_.-`. Next: correct it there (what `qemu-system-* -cpu help` lists).',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: v, cpu: c, cmdline: ["a init=/bin/sh"]}\n',
        says: 'x.yaml:5:56 machine.cmdline.0: a word of a kernel command line is letters, digits and `_.,=:/@+-`, without blanks. Next: correct it there.',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: v, cpu: c, modules: [{name: vivid, params: {n_devs: 1}}]}\n',
        says: 'x.yaml:5:87 machine.modules.0.params.n_devs: write it in quotes (1 is a YAML number). Next: n_devs: "1".',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: v, cpu: c, modules: [{name: vivid, params: {"a b": x}}]}\n',
        says: 'x.yaml:5:79 machine.modules.0.params.a b: a module is named with letters, digits, `_` and `-`. Next: rename it.',
      },
      {
        add: 'machine: {arch: arm, qemuMachine: v, cpu: c, devices: [pci-serial]}\n',
        says: 'x.yaml:5:56 machine.devices.0: pci-serial is not one of intel-iommu, edu. Next: use one of intel-iommu, edu.',
      },
    ])
    .run(({ assert }, { add, says }) => assert.equal(complaint(GOOD + add), says));

  test('the whole file: {says}')
    .with([
      {
        content: '',
        says: 'x.yaml:1:1 the file is empty. Next: start from one of the files that come with bufmatrix.',
      },
      {
        content: '# only a comment\n',
        says: 'x.yaml:1:1 the file is empty. Next: start from one of the files that come with bufmatrix.',
      },
      {
        content: '- a\n- b\n',
        says: 'x.yaml:1:1 this must be a map (lines of `key: value`). Next: correct it there (A bufmatrix board profile).',
      },
      {
        content: GOOD.replace('schema: 1', 'schema: 2'),
        says: 'x.yaml:1:9 schema: this bufmatrix reads profiles of schema 1. Next: write 1.',
      },
      {
        content: GOOD.replace('name: x', 'name: y'),
        says: 'x.yaml:2:7 name: the file is x.yaml, so this must be x. Next: write x, or rename the file.',
      },
      {
        content: GOOD.replace('vc4', '-x'),
        says: 'x.yaml:4:26 devices.kms.0.driver: a driver is named as the kernel names it, with letters, digits and `_.,+-`. Next: correct it there.',
      },
      {
        content: GOOD.replace('driver: vc4', 'driver: vc4, iommu: true'),
        says: 'x.yaml:4:38 devices.kms.0.iommu: true is not one of yes, no, unknown. Next: use one of yes, no, unknown.',
      },
      {
        content: GOOD.replace('title: X', 'title:'),
        says: 'x.yaml:3:7 title: this must be a text. Next: correct it there (the board in a few words).',
      },
      {
        content: GOOD.replace('title: X', 'title: "a\\eb"'),
        says: 'x.yaml:3:8 title: one line of at most 200 characters, without control characters. Next: correct it there (the board in a few words).',
      },
      {
        content: new Uint8Array([0xff, 0xfe, 0x00]),
        says: 'x.yaml: the file cannot be read: it is not UTF-8 text. Next: name a YAML file that is there.',
      },
      {
        content: ' '.repeat(1024 * 1024 + 1),
        says: 'x.yaml: the file has 1048577 bytes; at most 1048576 are read. Next: name a board profile or lab file.',
      },
    ])
    .run(({ assert }, { content, says }) => assert.equal(complaint(content), says));

  test('a bomb of aliases is refused', ({ assert }) => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`,
    );
    const said = complaint(`a0: &a0 x\n${rows.join('\n')}\n`);
    assert.match(
      said,
      /^x\.yaml:1:1 the file's aliases cannot be resolved: .*Excessive alias count/,
    );
  });

  test('nesting without end gives a bounded complaint', ({ assert }) => {
    const lines = complaint('['.repeat(20_000)).split('\n');
    assert.isAbove(lines.length, 0);
    assert.isBelow(lines.length, 25);
  });

  test('names in a message cannot move the cursor', ({ assert }) => {
    assert.notMatch(complaint(`${GOOD}"\\e[2J": 1\n`), /\p{Cc}/u);
  });

  test('all problems of a file come at once, in its order', ({ assert }) => {
    const bad = `${GOOD.replace('name: x', 'name: z')}suites: {cpu: {formats: [XX]}}\nlimits: {cellSeconds: 0}\nextra: 1\n`;
    const places = complaint(bad)
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(places, [
      'x.yaml:2:7 name:',
      'x.yaml:5:26 suites.cpu.formats.0:',
      'x.yaml:6:23 limits.cellSeconds:',
      'x.yaml:7:1 extra:',
    ]);
  });

  test('the error carries code, place, hint and exit code', ({ assert }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-load-'));
    try {
      const file = join(folder, 'x.yaml');
      writeFileSync(file, `${GOOD}limit: {}\n`);
      loadProfile(file);
      assert.fail('it loaded');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      assert.equal(error.code, 'profile');
      assert.equal(error.exitCode, 2);
      assert.equal(error.hint, 'write limits if that was meant');
      assert.equal(error.at?.line, 5);
      assert.lengthOf(error.problems, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('files that cannot be read: {path}')
    .with([
      { path: '/nowhere/x.yaml', says: 'there is no such file' },
      { path: tmpdir(), says: 'it is a folder' },
      { path: '/dev/null/x.yaml', says: 'a part of its path is not a folder' },
    ])
    .run(({ assert }, { path, says }) =>
      assert.throws(
        () => loadProfile(path),
        `${path}: the file cannot be read: ${says}. Next: name a YAML file that is there.`,
      ),
    );

  test('a stand-in {what} is told')
    .with([
      {
        what: 'that nobody knows',
        standIn: '{profile: y, differs: d}',
        says: 'x.yaml:5:20 standIn.profile: y is no known profile. Next: use one of virt.',
      },
      {
        what: 'that is no virtual board',
        standIn: '{profile: x, differs: d}',
        says: 'x.yaml:5:20 standIn.profile: x has no machine, so it is no virtual board. Next: use one of virt.',
      },
      {
        what: 'for a driver that is not there',
        standIn: '{profile: virt, differs: d, names: {vc5: vkms}}',
        says: 'x.yaml:5:51 standIn.names.vc5: vc5 is no driver or heap of this board. Next: write vc4 if that was meant.',
      },
      {
        what: 'by a driver that it lacks',
        standIn: '{profile: virt, differs: d, names: {vc4: vkm}}',
        says: 'x.yaml:5:51 standIn.names.vc4: vkm is no driver or heap of virt. Next: write vkms if that was meant.',
      },
      { what: 'that fits', standIn: '{profile: virt, differs: d, names: {vc4: vkms}}', says: '' },
    ])
    .run(({ assert, cleanup }, { standIn, says }) => {
      const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-load-'));
      cleanup(() => rmSync(folder, { recursive: true }));
      const path = join(folder, 'x.yaml');
      writeFileSync(path, `${GOOD}standIn: ${standIn}\n`);
      writeFileSync(
        join(folder, 'virt.yaml'),
        `${GOOD.replace('name: x', 'name: virt').replace('vc4', 'vkms')}machine: {arch: arm, qemuMachine: v, cpu: c}\n`,
      );
      const said = (load: () => unknown) => {
        try {
          load();
          return '';
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          return error.message.replaceAll(`${folder}/`, '');
        }
      };
      assert.equal(
        said(() => loadProfiles(folder)),
        says,
      );
      const known = [loadProfile(join(folder, 'virt.yaml'))];
      if (standIn.includes('profile: virt'))
        assert.equal(
          said(() => loadProfile(path, known)),
          says,
        );
    });

  test('a folder of profiles gives the problems of all of them', ({ assert }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-load-'));
    try {
      mkdirSync(join(folder, 'schema'));
      writeFileSync(join(folder, 'a.yaml'), GOOD);
      writeFileSync(join(folder, 'b.yaml'), 'x: 1\n');
      writeFileSync(join(folder, 'x.yaml'), GOOD);
      assert.throws(() => loadProfiles(folder), /a\.yaml:2:7 name.*\n.*b\.yaml:1:1/);
      rmSync(join(folder, 'a.yaml'));
      rmSync(join(folder, 'b.yaml'));
      assert.deepEqual(
        loadProfiles(folder).map(({ profile }) => profile.name),
        ['x'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the hash is of the content, not of comments', ({ assert }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-load-'));
    const hashOf = (content: string) => {
      writeFileSync(join(folder, 'x.yaml'), content);
      return loadProfile(join(folder, 'x.yaml')).hash;
    };
    assert.equal(hashOf(GOOD), hashOf(`# a comment\n${GOOD}`));
    assert.notEqual(hashOf(GOOD), hashOf(`${GOOD}about: more\n`));
    rmSync(folder, { recursive: true });
  });
});
