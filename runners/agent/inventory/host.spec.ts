import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from '@japa/runner';
import { firmwareOf } from './host.ts';

const NOTHING = {
  biosVendor: null,
  biosVersion: null,
  biosDate: null,
  uBoot: null,
  rpiVersion: null,
  rpiBuilt: null,
};
const CHOSEN = 'proc/device-tree/chosen';

test.group('firmware', () => {
  test('of {what}')
    .with([
      { what: 'a board that tells nothing', files: {}, told: {} },
      {
        what: 'a machine with DMI',
        files: {
          'sys/class/dmi/id/bios_vendor': 'SeaBIOS\n',
          'sys/class/dmi/id/bios_version': '1.16.3-debian-1.16.3-2\n',
          'sys/class/dmi/id/bios_date': '\n',
        },
        told: { biosVendor: 'SeaBIOS', biosVersion: '1.16.3-debian-1.16.3-2' },
      },
      {
        what: 'a board with U-Boot',
        files: { [`${CHOSEN}/u-boot,version`]: '2025.01-rc4\0' },
        told: { uBoot: '2025.01-rc4' },
      },
      {
        what: 'a Raspberry Pi',
        files: {
          [`${CHOSEN}/bootloader/version`]: '7c7d42ff43ce\0',
          [`${CHOSEN}/bootloader/build-timestamp`]: Buffer.from([0x67, 0x8e, 0x47, 0x80]),
        },
        told: { rpiVersion: '7c7d42ff43ce', rpiBuilt: '2025-01-20T12:54:24.000Z' },
      },
      {
        what: 'a Raspberry Pi whose loader knows no time',
        files: { [`${CHOSEN}/bootloader/build-timestamp`]: Buffer.alloc(4) },
        told: {},
      },
      {
        what: 'a property that is no number',
        files: { [`${CHOSEN}/bootloader/build-timestamp`]: Buffer.alloc(3, 1) },
        told: {},
      },
    ])
    .run(({ assert, cleanup }, { files, told }) => {
      const root = mkdtempSync(join(tmpdir(), 'bufmatrix-firmware-'));
      cleanup(() => rmSync(root, { recursive: true }));
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      assert.deepEqual(firmwareOf(root), { ...NOTHING, ...told });
    });
});
