import { z } from 'zod';

/** The suites, in the order in which they run: what later ones rest on comes first. */
export const SUITES = [
  'allocate',
  'cpu',
  'egl-sample',
  'egl-render',
  'kms-primary',
  'kms-overlay',
  'encoder',
] as const;
export type SuiteName = (typeof SUITES)[number];

/** The kinds of importer: which kernel or Mesa interface takes the buffer. */
export const IMPORTER_KINDS = ['egl', 'kms', 'v4l2-m2m', 'v4l2-output'] as const;
export type ImporterKind = (typeof IMPORTER_KINDS)[number];

/** A `udmabuf`, `heap:system`, `dumb:vkms`, `gbm:vgem`, `v4l2:vivid`. */
export const BackendName = z
  .string()
  .regex(
    /^(udmabuf|udmabuf-scattered|heap:[A-Za-z0-9_.,+@-]+|(dumb|gbm|v4l2):[A-Za-z0-9_.,+-]+)$/,
    {
      error:
        'a backend is udmabuf, udmabuf-scattered, heap:NAME, dumb:DRIVER, gbm:DRIVER or v4l2:DRIVER',
    },
  );

/** `0x0` is linear; a cell with no modifier leaves the layout to the driver. */
export const ModifierHex = z.string().regex(/^0x[0-9a-f]{1,16}$/);

/** What a cell is asked to try: one backend's buffer, given to one importer. */
export const Cell = z.strictObject({
  /** `suite/backend/importer/format/WxH/modifier`, `-` where there is none. See {@link cellId}. */
  id: z.string(),
  suite: z.enum(SUITES),
  backend: BackendName,
  /** Null for allocate and cpu. `driver` is the kernel driver's name; `swrast` is Mesa's software device. */
  importer: z.strictObject({ kind: z.enum(IMPORTER_KINDS), driver: z.string() }).nullable(),
  format: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** What is asked for: hex, or null where the exporter's driver chooses. */
  modifier: ModifierHex.nullable(),
});
export type Cell = z.infer<typeof Cell>;

/** The name that a cell keeps for ever: it holds drivers, never /dev numbers. */
export function cellId(cell: Omit<Cell, 'id'>): string {
  const importer = cell.importer ? importerName(cell.importer) : '-';
  const size = `${cell.width}x${cell.height}`;
  return [cell.suite, cell.backend, importer, cell.format, size, cell.modifier ?? '-'].join('/');
}

/** `egl:vkms`, `kms:vc4`, `v4l2-m2m:vicodec`. */
export function importerName(importer: { kind: ImporterKind; driver: string }): string {
  return `${importer.kind}:${importer.driver}`;
}
