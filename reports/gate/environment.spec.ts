import { test } from '@japa/runner';
import { factsFixture, takesAll } from '../../policies/testing/facts.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { type EnvironmentSource, environmentOf } from './environment.ts';

const firmware = {
  biosVendor: 'SeaBIOS',
  biosVersion: '1.16.3',
  biosDate: '04/01/2014',
  uBoot: null,
  rpiVersion: null,
  rpiBuilt: null,
};
const fixture: Inventory = { ...factsFixture(takesAll).inventory, firmware };
const source = (more: Partial<Inventory> = {}): EnvironmentSource => ({
  inventory: { ...fixture, ...more },
  virtual: false,
  profileName: 'desk',
  profileHash: 'ab12',
  harness: 'bufmatrix 0.1.0',
});
const known = environmentOf(source());

/** In which of its texts an environment is another one than the fixture's. */
function changed(from: EnvironmentSource): string[] {
  const now = environmentOf(from);
  return Object.entries(now ?? {}).flatMap(([axis, text]) =>
    Object.entries(known ?? {}).some(([name, before]) => name === axis && before === text)
      ? []
      : [axis],
  );
}

test.group('gate: a board’s environment', () => {
  test('what differs shows in its own axis, and in no other', ({ assert }) => {
    const { kernel, memory, identity, udmabuf, user } = fixture;
    const cases: readonly (readonly [string, EnvironmentSource])[] = [
      ['board', source({ identity: { ...identity, compatible: ['acme,desk'] } })],
      ['board', { ...source(), virtual: true }],
      ['firmware', source({ firmware: { ...firmware, biosVersion: '1.17.0' } })],
      ['firmware', source({ firmware: { ...firmware, uBoot: '2025.01' } })],
      ['firmware', source({ firmware: { ...firmware, rpiVersion: 'ab12' } })],
      ['firmware', source({ firmware: null })],
      ['kernel', source({ kernel: { ...kernel, release: '7.0.0' } })],
      ['kernel', source({ kernel: { ...kernel, version: '#2 SMP' } })],
      ['cmdline', source({ kernel: { ...kernel, cmdline: 'console=ttyS0 cma=128M' } })],
      ['cma', source({ memory: { ...memory, cmaTotalKiB: 1 } })],
      ['heaps', source({ heaps: fixture.heaps.slice(1) })],
      ['udmabuf', source({ udmabuf: { ...udmabuf, listLimit: 1 } })],
      ['udmabuf', source({ udmabuf: { ...udmabuf, sizeLimitMiB: null } })],
      ['udmabuf', source({ udmabuf: { ...udmabuf, node: null } })],
      ['mesa', source({ egl: [] })],
      ['user', source({ user: { ...user, uid: 1000 } })],
      ['profile', { ...source(), profileHash: 'cd34' }],
      ['profile', { ...source(), profileHash: null }],
      ['harness', { ...source(), harness: 'bufmatrix 0.2.0' }],
    ];
    for (const [axis, from] of cases) assert.deepEqual(changed(from), [axis]);
  });

  test('what changes from boot to boot, and orders, do not count', ({ assert }) => {
    const { kernel, memory, heaps, user } = fixture;
    for (const more of [
      { kernel: { ...kernel, bootId: 'other' } },
      { kernel: { ...kernel, cmdline: 'BOOT_IMAGE=/boot/vmlinuz-7 console=ttyS0\n' } },
      { memory: { ...memory, availableKiB: 1, cmaFreeKiB: 1 } },
      { heaps: heaps.toReversed() },
      { user: { ...user, groups: user.groups.toReversed() } },
    ])
      assert.deepEqual(changed(source(more)), []);
  });

  test('without an inventory there is none', ({ assert }) => {
    assert.isNull(environmentOf({ ...source(), inventory: null }));
  });
});
