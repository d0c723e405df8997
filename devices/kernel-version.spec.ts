import { test } from '@japa/runner';
import fc from 'fast-check';
import { inRange, parseKernelVersion, parseRange } from './kernel-version.ts';

const v = (numbers: [number, number, number], rc: number | null = null) => ({ numbers, rc });

test.group('kernel versions', () => {
  test('reads {release}')
    .with([
      { release: '6.12.94', is: v([6, 12, 94]) },
      { release: '6.12', is: v([6, 12, 0]) },
      { release: '6.12.0-rc3', is: v([6, 12, 0], 3) },
      { release: '6.19-rc4-amd64', is: v([6, 19, 0], 4) },
      { release: '6.19~rc4+unpacked', is: v([6, 19, 0], 4) },
      { release: '6.12.0-0.rc3.20240801git.28.fc42.x86_64', is: v([6, 12, 0], 3) },
      { release: '5.10.160-rockchip-rk3588', is: v([5, 10, 160]) },
      { release: '6.12.94+rpt-rpi-v8', is: v([6, 12, 94]) },
      { release: '6.12.117-bufmatrix', is: v([6, 12, 117]) },
      { release: '4.19.0-rcar-gen3', is: v([4, 19, 0]) },
      { release: 'linux', is: null },
      { release: '6', is: null },
      { release: '', is: null },
    ])
    .run(({ assert }, { release, is }) => assert.deepEqual(parseKernelVersion(release), is));

  test('{release} in {range}: {is}')
    .with([
      { release: '6.17.0', range: '>=6.17', is: true },
      { release: '6.17.3-1-amd64', range: '>=6.17', is: true },
      { release: '6.16.12', range: '>=6.17', is: false },
      { release: '6.17.0-rc7', range: '>=6.17', is: false },
      { release: '6.17.0-rc7', range: '<6.17', is: true },
      { release: '6.17.0-rc7', range: '>=6.17-rc5', is: true },
      { release: '6.17.0-rc3', range: '>=6.17-rc5', is: false },
      { release: '6.17.0', range: '>6.17-rc5', is: true },
      { release: '6.17.1', range: '>6.17', is: false },
      { release: '6.18.0', range: '>6.17', is: true },
      { release: '6.17.9', range: '<=6.17', is: true },
      { release: '6.18.0-rc1', range: '<=6.17', is: false },
      { release: '6.12.94', range: '6.12', is: true },
      { release: '6.12.94', range: '=6.12.93', is: false },
      { release: '6.9.0', range: '<6.10', is: true },
      { release: '7.0.0', range: '>=6.17 <7', is: false },
      { release: '7.0.0-rc1', range: '>=6.17 <7', is: true },
      { release: '6.17.2', range: '  >=6.17   <7 ', is: true },
      { release: '5.10.160-rockchip-rk3588', range: '<5.10.161', is: true },
      { release: 'unknown', range: '>=0', is: false },
      { release: '6.12', range: 'newer', is: false },
    ])
    .run(({ assert }, { release, range, is }) => assert.equal(inRange(release, range), is));

  test('is no range: {$self}')
    .with(['', '>=', '6.x', '>= 6.17', '6.17..', '^6.17', '>=6.17, <7', '6.1.2.3', '>=6.17-rc'])
    .run(({ assert }, range) => assert.isNull(parseRange(range)));

  test('exactly one of <, = and > holds for every version and bound', ({ assert }) => {
    const number = fc.integer({ min: 0, max: 30 });
    const rc = fc.option(fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(number, number, number, rc, number, number, rc, (a, b, c, rc1, d, e, rc2) => {
        const release = `${a}.${b}.${c}${rc1 === null ? '' : `-rc${rc1}`}`;
        const bound = `${d}.${e}${rc2 === null ? '' : `-rc${rc2}`}`;
        const held = ['<', '=', '>'].filter((operator) => inRange(release, operator + bound));
        assert.lengthOf(held, 1, `${release} against ${bound}`);
        assert.equal(inRange(release, `>=${bound}`), held[0] !== '<');
        assert.equal(inRange(release, `<=${bound}`), held[0] !== '>');
      }),
    );
  });
});
