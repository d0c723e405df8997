import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { cam } from './cam.ts';
import { readDrmLog } from './drm-log.ts';
import type { GivenBuffer } from './facts.ts';
import { kmssink } from './kmssink.ts';
import type { Output, Program } from './program.ts';
import { waylandsink } from './waylandsink.ts';

/**
 * Excerpts of real logs: virtual-no-iommu under emulation, kernel 6.12.117, Debian sid with libcamera
 * 0.7.2, GStreamer 1.28.8, Weston 16.0.0 and Mesa 26.2.6. Lines were left out and long ones cut.
 */
const log = (name: string): string[] =>
  readFileSync(join(import.meta.dirname, 'testing', name), 'utf8')
    .trimEnd()
    .split('\n');

const output = (name: string, kernel = false): Output => ({
  exitCode: 0,
  lines: log(`${name}.log`),
  kernelLog: kernel ? log(`${name}.kernel.log`) : [],
});

const accepted = { answer: 'accepted', errno: null } as const;
const refused = { answer: 'refused', errno: 'EINVAL', text: 'PRIME_FD_TO_HANDLE' } as const;
const framebuffer = { ...accepted, text: 'MODE_ADDFB2' };
const created = { ...accepted, text: 'zwp_linux_buffer_params_v1.created' };
const late = {
  answer: 'none',
  errno: null,
  text: 'zwp_linux_buffer_params_v1.create was not answered',
} as const;

const numbered = (list: readonly Omit<GivenBuffer, 'index'>[]) =>
  list.map((one, index) => ({ index, ...one }));

test.group('what a program did, read from its log', () => {
  test('{what}')
    .with([
      {
        what: 'cam on a fresh board with udmabuf alone: two of four are taken by luck',
        program: cam,
        output: output('cam-udmabuf', true),
        provider: 'udmabuf',
        buffers: [refused, refused, framebuffer, framebuffer],
        shown: 2,
      },
      {
        what: 'cam with the system heap alone: none is taken, and nothing shown',
        program: cam,
        output: output('cam-system', true),
        provider: 'heap:system',
        buffers: [refused, refused, refused, refused],
        shown: 0,
      },
      {
        what: 'cam with nothing to allocate from',
        program: cam,
        output: output('cam-nothing'),
        provider: null,
        buffers: [],
        shown: 0,
      },
      {
        what: "kmssink with its own pool; the buffer that sets the mode is not the pool's",
        program: kmssink,
        output: output('kmssink', true),
        provider: 'dumb:contig_kms',
        buffers: [framebuffer, framebuffer],
        shown: 7,
      },
      {
        what: 'waylandsink with a udmabuf pool',
        program: waylandsink,
        output: output('waylandsink-udmabuf'),
        provider: 'udmabuf',
        buffers: [created, created, created],
        shown: 3,
      },
      {
        what: 'waylandsink without udmabuf',
        program: waylandsink,
        output: output('waylandsink-shm'),
        provider: 'memory',
        buffers: [],
        shown: 3,
      },
      {
        what: 'waylandsink whose compositor answers late: no refusal, and nothing seen',
        program: waylandsink,
        output: output('waylandsink-late'),
        provider: 'udmabuf',
        buffers: [created, late],
        shown: 0,
      },
    ])
    .run(({ assert }, { program, output, provider, buffers, shown }) => {
      const facts = program.read(output);
      assert.equal(facts.provider, provider);
      assert.deepEqual(facts.buffers, numbered(buffers));
      assert.equal(facts.shown, shown);
      const all = new Set([...output.lines, ...output.kernelLog]);
      assert.isAbove(facts.evidence.length, 0);
      for (const line of facts.evidence) assert.isTrue(all.has(line), line);
      const refusals = facts.buffers.filter(({ answer }) => answer === 'refused').length;
      const proofs = facts.evidence.filter((line) => line.endsWith('ret=-22')).length;
      assert.equal(proofs, refusals, 'the errno of every refusal is shown');
    });

  test('cam and the kernel have to agree on what was refused', ({ assert }) => {
    const real = output('cam-udmabuf', true);
    const lines = real.lines.filter((line) => !line.startsWith('Unable to import'));
    assert.throws(() => cam.read({ ...real, lines }), /0 buffers were not imported.*says 2/);
  });

  test('{name} that says nothing gives no facts')
    .with([cam, kmssink])
    .run(({ assert }, program: Program) => {
      const silent = { exitCode: 0, lines: [''], kernelLog: [] };
      assert.throws(() => program.read(silent), /names no/);
    });

  test('cam that names two providers gives no facts', ({ assert }) => {
    const lines = [...output('cam-nothing').lines, ...output('cam-system').lines];
    assert.throws(() => cam.read({ exitCode: 0, lines, kernelLog: [] }), /names null and heap:/);
  });

  test('a commit whose call failed shows nothing', ({ assert }) => {
    const lines = log('cam-udmabuf.kernel.log');
    assert.lengthOf(readDrmLog(lines).shown, 2);
    const failed = lines.flatMap((line) =>
      line.endsWith('nonblocking')
        ? [line, '[    9.600000] contig_kms: [drm:drm_ioctl] comm="cam", pid=96, ret=-16']
        : [line],
    );
    assert.lengthOf(readDrmLog(failed).shown, 0);
  });

  test('versions are as the programs say', ({ assert }) => {
    assert.equal(cam.readVersion('libcamera version v0.7.2\n'), '0.7.2');
    const text = 'gst-launch-1.0 version 1.28.8\nGStreamer 1.28.8\nhttps://tracker.debian.org\n';
    assert.equal(kmssink.readVersion(text), '1.28.8');
    assert.throws(() => cam.readVersion('sh: cam: not found'), /says no version/);
  });
});
