/**
 * Kernel structs as tables of offsets, encoded into Buffers. Little-endian: every architecture
 * that the agent travels to is (x86-64, arm64, arm).
 */
export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'ptr';

/** `offset` in bytes; `count` for arrays. */
export interface Field {
  readonly type: FieldType;
  readonly offset: number;
  readonly count?: number;
}

export interface StructLayout<Name extends string> {
  readonly size: number;
  readonly fields: Readonly<Record<Name, Field>>;
}

/** 8 on x86-64 and arm64, 4 on arm. Only `ptr` fields and the tables chosen by it depend on it. */
export const POINTER_BYTES = process.arch === 'arm' ? 4 : 8;

const WIDTH: Readonly<Record<FieldType, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  ptr: POINTER_BYTES,
};

type Value = number | bigint;

function write(buffer: Buffer, type: FieldType, at: number, value: Value): void {
  if (type === 'u64' || (type === 'ptr' && POINTER_BYTES === 8))
    buffer.writeBigUInt64LE(BigInt(value), at);
  else if (type === 'i32') buffer.writeInt32LE(Number(value), at);
  else buffer.writeUIntLE(Number(value), at, WIDTH[type]);
}

function read(buffer: Buffer, type: FieldType, at: number): Value {
  if (type === 'u64' || (type === 'ptr' && POINTER_BYTES === 8)) return buffer.readBigUInt64LE(at);
  if (type === 'i32') return buffer.readInt32LE(at);
  return buffer.readUIntLE(at, WIDTH[type]);
}

/** One struct's codec: `make` encodes (unnamed fields are 0), `get` reads a field back. */
export interface Struct<Name extends string> {
  readonly size: number;
  readonly fields: Readonly<Record<Name, Field>>;
  make(values: Partial<Record<Name, Value | readonly Value[]>>): Buffer;
  set(buffer: Buffer, name: Name, value: Value, index?: number): void;
  /** A field as a number; throws a RangeError when a u64 does not fit. */
  get(buffer: Buffer, name: Name, index?: number): number;
  getBig(buffer: Buffer, name: Name, index?: number): bigint;
}

/** The codec for one layout. */
export function struct<Name extends string>(layout: StructLayout<Name>): Struct<Name> {
  const at = (name: Name, index: number): [FieldType, number] => {
    const field = layout.fields[name];
    if (index >= (field.count ?? 1)) throw new RangeError(`${name}[${index}] is out of range`);
    return [field.type, field.offset + index * WIDTH[field.type]];
  };
  const set = (buffer: Buffer, name: Name, value: Value, index = 0): void => {
    const [type, offset] = at(name, index);
    write(buffer, type, offset, value);
  };
  const getBig = (buffer: Buffer, name: Name, index = 0): bigint => {
    const [type, offset] = at(name, index);
    return BigInt(read(buffer, type, offset));
  };
  return {
    size: layout.size,
    fields: layout.fields,
    set,
    getBig,
    get: (buffer, name, index = 0) => {
      const value = getBig(buffer, name, index);
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError(`${name} = ${value} is too large`);
      return Number(value);
    },
    make: (values) => {
      const buffer = Buffer.alloc(layout.size);
      for (const name of Object.keys(values) as Name[]) {
        const value = values[name];
        if (value === undefined) continue;
        if (typeof value === 'number' || typeof value === 'bigint') set(buffer, name, value);
        else
          value.forEach((item: Value, index: number) => {
            set(buffer, name, item, index);
          });
      }
      return buffer;
    },
  };
}
