import { test } from '@japa/runner';
import { drmName } from './devices.ts';

test.group('a node that cannot be opened', () => {
  test('goes by the name of its DRM driver, not of its bus driver', ({ assert }) => {
    const busDrivers = ['vc4-drm', 'drm-clcd-pl111', 'mxsfb', 'sun4i-drm', 'v3d', 'constructor'];
    assert.deepEqual(busDrivers.map(drmName), [
      'vc4',
      'pl111',
      'mxsfb-drm',
      'sun4i-drm',
      'v3d',
      'constructor',
    ]);
  });
});
