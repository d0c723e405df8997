import { basename } from 'node:path';
import type { Inventory } from '../../../suites/inventory.ts';
import { accessOf } from '../../../suites/kernel/access.ts';
import { type DrmDescription, describeDrm } from '../../../suites/kernel/drm-describe.ts';
import { describeV4l2, type V4l2Description } from '../../../suites/kernel/v4l2-describe.ts';
import { linkName, namesIn, realPathOf, stringsOf, textOf } from './files.ts';
import { pciId } from './host.ts';

/** What `describe` says, or null: a node that is closed to us or answers with an error has no say. */
function attempt<T>(describe: () => T): T | null {
  try {
    return describe();
  } catch (error) {
    // Errno and Node's own errors carry the kernel's word; anything else is a bug of ours.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/**
 * The names of DRM drivers whose bus driver is called otherwise: struct drm_driver and struct
 * platform_driver (pl111: amba_driver) in Linux's drivers/gpu/drm, in vc4/vc4_drv.c,
 * rockchip/rockchip_drm_drv.c, mediatek/mtk_drm_drv.c, exynos/exynos_drm_drv.c, meson/meson_drv.c,
 * mxsfb/mxsfb_drv.c, stm/drv.c and pl111/pl111_drv.c. Many have one name for both, such as sun4i-drm.
 */
const DRM_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'vc4-drm': 'vc4',
    'rockchip-drm': 'rockchip',
    'mediatek-drm': 'mediatek',
    'exynos-drm': 'exynos',
    'meson-drm': 'meson',
    mxsfb: 'mxsfb-drm',
    'stm32-display': 'stm',
    'drm-clcd-pl111': 'pl111',
  }),
);

/** The DRM driver's name of a bus driver's, which sysfs has. */
export const drmName = (busDriver: string): string => DRM_NAMES.get(busDriver) ?? busDriver;

/**
 * The driver by sysfs, for a node that cannot be opened: the bus driver's name; a device without one
 * (vkms) is named after its driver.
 */
function sysfsDriver(device: string): string {
  return linkName(`${device}/driver`) ?? basename(device).replace(/[.]\d+$/, '');
}

const closed = (driver: string): DrmDescription => ({
  driver,
  dumb: false,
  prime: { import: false, export: false },
  atomic: false,
  modifiers: false,
  connectors: [],
  planes: [],
});

/** DRM devices; primary and render node of one device are one entry. */
export function drmOf(): Inventory['drm'] {
  const byDevice = new Map<string, { card?: string; render?: string }>();
  for (const name of namesIn('/sys/class/drm')) {
    const kind = /^(card|renderD)\d+$/.exec(name)?.[1];
    if (!kind) continue;
    const device = realPathOf(`/sys/class/drm/${name}/device`) ?? `/sys/class/drm/${name}`;
    const node = kind === 'card' ? { card: name } : { render: name };
    byDevice.set(device, { ...byDevice.get(device), ...node });
  }
  return [...byDevice].map(([device, { card, render }]) => {
    const nodes = [card, render].flatMap((name) => (name ? [`/dev/dri/${name}`] : []));
    // The primary node knows of connectors and planes; the render node alone is better than nothing.
    const said = nodes.reduce<DrmDescription | null>(
      (known, path) => known ?? attempt(() => describeDrm(path)),
      null,
    );
    return {
      ...(said ?? closed(drmName(sysfsDriver(device)))),
      card: card ? accessOf(`/dev/dri/${card}`) : null,
      render: render ? accessOf(`/dev/dri/${render}`) : null,
      device: basename(device),
      compatible: stringsOf(`${device}/of_node/compatible`),
      pci: pciId(device),
      iommuGroup: linkName(`${device}/iommu_group`),
      iommuType: textOf(`${device}/iommu_group/type`),
    };
  });
}

/** V4L2 video nodes. */
export function v4l2Of(): Inventory['v4l2'] {
  return namesIn('/sys/class/video4linux').flatMap((name) => {
    const path = `/dev/${name}`;
    const node = /^video\d+$/.test(name) ? accessOf(path) : null;
    if (!node) return [];
    const entry = `/sys/class/video4linux/${name}`;
    const device = realPathOf(`${entry}/device`) ?? entry;
    const said: V4l2Description = attempt(() => describeV4l2(path)) ?? {
      driver: sysfsDriver(device),
      card: textOf(`${entry}/name`) ?? '',
      bus: '',
      kind: 'other',
      multiplanar: false,
      outputFormats: [],
      captureFormats: [],
    };
    return [
      {
        ...said,
        node,
        iommuGroup: linkName(`${device}/iommu_group`),
        iommuType: textOf(`${device}/iommu_group/type`),
      },
    ];
  });
}
