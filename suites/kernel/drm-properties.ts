import { text } from './drm.ts';
import * as layouts from './drm-structs.ts';
import { iowr } from './ioctl-number.ts';
import { addressOf, ioctl } from './syscalls.ts';

/** KMS objects' properties and the blobs that some of them hold. */
const GETPROPERTY = iowr('d', 0xaa, layouts.drmModeGetProperty);
const GETPROPBLOB = iowr('d', 0xac, layouts.drmModeGetBlob);
const OBJ_GETPROPERTIES = iowr('d', 0xb9, layouts.drmModeObjGetProperties);
const CREATEPROPBLOB = iowr('d', 0xbd, layouts.drmModeCreateBlob);
const DESTROYPROPBLOB = iowr('d', 0xbe, layouts.drmModeDestroyBlob);

/** DRM_MODE_OBJECT_*. */
export const OBJECT = {
  crtc: 0xcccccccc,
  connector: 0xc0c0c0c0,
  plane: 0xeeeeeeee,
} as const;

export interface Property {
  readonly id: number;
  readonly name: string;
  /** The value at the time of reading. */
  readonly value: bigint;
  /** Values of an enumerated property, by name; empty for others. */
  readonly enums: ReadonlyMap<string, bigint>;
}

/** An object's properties, by name. */
export type Properties = ReadonlyMap<string, Property>;

type Known = Pick<Property, 'name' | 'enums'>;

function describe(fd: number, id: number): Known {
  const { drmModeGetProperty: layout, drmModePropertyEnum: entry } = layouts;
  const counts = layout.make({ prop_id: id });
  ioctl(fd, GETPROPERTY, counts, 'MODE_GETPROPERTY');
  const name = text(counts.subarray(layout.fields.name.offset, layout.fields.name.offset + 32));
  const count = layout.get(counts, 'count_enum_blobs');
  if (count === 0) return { name, enums: new Map() };
  const entries = Buffer.alloc(count * entry.size);
  const arg = layout.make({
    prop_id: id,
    enum_blob_ptr: addressOf(entries),
    count_enum_blobs: count,
  });
  ioctl(fd, GETPROPERTY, arg, 'MODE_GETPROPERTY');
  const enums = Array.from({ length: count }, (_, index): [string, bigint] => {
    const one = entries.subarray(index * entry.size, (index + 1) * entry.size);
    return [text(one.subarray(entry.fields.name.offset)), entry.getBig(one, 'value')];
  });
  return { name, enums: new Map(enums) };
}

/**
 * Reads an object's properties.
 * @param known what is already known of this fd's properties, by id; grows.
 * @throws Errno
 */
export function objectProperties(
  fd: number,
  object: number,
  type: number,
  known: Map<number, Known> = new Map(),
): Properties {
  const { drmModeObjGetProperties: layout } = layouts;
  const counts = layout.make({ obj_id: object, obj_type: type });
  ioctl(fd, OBJ_GETPROPERTIES, counts, 'MODE_OBJ_GETPROPERTIES');
  const count = layout.get(counts, 'count_props');
  const ids = Buffer.alloc(Math.max(1, count) * 4);
  const values = Buffer.alloc(Math.max(1, count) * 8);
  const arg = layout.make({
    props_ptr: addressOf(ids),
    prop_values_ptr: addressOf(values),
    count_props: count,
    obj_id: object,
    obj_type: type,
  });
  ioctl(fd, OBJ_GETPROPERTIES, arg, 'MODE_OBJ_GETPROPERTIES');
  const properties = Array.from({ length: count }, (_, index): [string, Property] => {
    const id = ids.readUInt32LE(index * 4);
    const words = known.get(id) ?? describe(fd, id);
    known.set(id, words);
    return [words.name, { id, ...words, value: values.readBigUInt64LE(index * 8) }];
  });
  return new Map(properties);
}

/** A property blob's bytes. @throws Errno */
export function readBlob(fd: number, blob: number): Buffer {
  const { drmModeGetBlob: layout } = layouts;
  const counts = layout.make({ blob_id: blob });
  ioctl(fd, GETPROPBLOB, counts, 'MODE_GETPROPBLOB');
  const data = Buffer.alloc(Math.max(1, layout.get(counts, 'length')));
  const length = layout.get(counts, 'length');
  const arg = layout.make({ blob_id: blob, length, data: addressOf(data) });
  ioctl(fd, GETPROPBLOB, arg, 'MODE_GETPROPBLOB');
  return data.subarray(0, length);
}

/** A blob of the kernel's own copy of `data`. @returns its id. @throws Errno */
export function createBlob(fd: number, data: Buffer): number {
  const { drmModeCreateBlob: layout } = layouts;
  const arg = layout.make({ data: addressOf(data), length: data.length });
  ioctl(fd, CREATEPROPBLOB, arg, 'MODE_CREATEPROPBLOB');
  return layout.get(arg, 'blob_id');
}

/** @throws Errno */
export function destroyBlob(fd: number, blob: number): void {
  const arg = layouts.drmModeDestroyBlob.make({ blob_id: blob });
  ioctl(fd, DESTROYPROPBLOB, arg, 'MODE_DESTROYPROPBLOB');
}
