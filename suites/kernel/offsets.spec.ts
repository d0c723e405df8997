import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import { OFFSET_ROWS } from './offset-rows.ts';

/** Bytes of one value of a field's type, by the table's own words. */
const widths = (pointer: number): Readonly<Record<string, number>> => ({
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  ptr: pointer,
});

/** The columns of the tables: which compiler says what is right, and which Node's table it is for. */
const COLUMNS = [
  { arch: 'x64', pointer: 8, compiler: ['gcc'] },
  // Its V4L2 structs with 64-bit times, as the tables for 32-bit have them.
  {
    arch: 'arm',
    pointer: 4,
    compiler: ['arm-linux-gnueabihf-gcc', '-D_TIME_BITS=64', '-D_FILE_OFFSET_BITS=64'],
  },
] as const;

type Column = (typeof COLUMNS)[number];
type Layouts = Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;

/** Runs the compiler's preprocessor to find out whether a header is there. */
function finds([command, ...flags]: readonly string[], header: string): boolean {
  const input = `#include <${header}>\n`;
  return spawnSync(command ?? '', [...flags, '-E', '-x', 'c', '-'], { input }).status === 0;
}

/** Why that column cannot be checked on this machine, or null. */
function missing({ compiler }: Column): string | null {
  const works = spawnSync(compiler[0], ['--version']).status === 0;
  if (!works) return `no C compiler ${compiler[0]} here`;
  // A cross compiler comes without a C library.
  return finds(compiler, 'sys/time.h') ? null : `no C library for ${compiler[0]} here`;
}

/**
 * Asks the compiler for size and members' places of each struct. It only translates: the constants
 * are read from its assembly, as the kernel's asm-offsets does, so nothing need run.
 */
function compiled(column: Column, rows: typeof OFFSET_ROWS): Layouts {
  const [command, ...flags] = column.compiler;
  const lines = rows.flatMap(({ struct, name = struct, codec, members }) => [
    `SAY("${name} ", sizeof(struct ${struct}), 0)`,
    ...Object.keys(codec.fields).map((field) => {
      const member = members?.[field] ?? field;
      return `SAY("${name} ${field}", offsetof(struct ${struct}, ${member}), sizeof(((struct ${struct} *)0)->${member}))`;
    }),
  ]);
  const source = [
    '#include <stddef.h>',
    ...new Set(rows.map(({ header }) => `#include <${header}>`)),
    '#define SAY(name, at, size) asm volatile("\\n.ascii \\"->" name " %c0 %c1\\"" :: "i"(at), "i"(size));',
    `void say(void) {\n${lines.join('\n')}\n}\n`,
  ].join('\n');
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-offsets-'));
  try {
    const file = join(folder, 'offsets.c');
    writeFileSync(file, source);
    const assembly = execFileSync(command, [...flags, '-S', '-o', '-', file], { encoding: 'utf8' });
    const found: Record<string, Record<string, [number, number]>> = {};
    for (const [, struct = '', field = '', at, size] of assembly.matchAll(
      /->(\w+) (\w*) (\d+) (\d+)"/g,
    ))
      found[struct] = { ...found[struct], [field]: [Number(at), Number(size)] };
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Our tables as a Node on that architecture would have them: they are chosen when loaded. */
function ours({ arch, pointer }: Column): Layouts {
  const rows = fileURLToPath(new URL('./offset-rows.ts', import.meta.url));
  const program = `Object.defineProperty(process, 'arch', { value: '${arch}' });
    const { OFFSET_ROWS } = await import(${JSON.stringify(rows)});
    console.log(JSON.stringify(OFFSET_ROWS.map(({ struct, name = struct, codec: { size, fields } }) => ({ struct: name, size, fields }))));`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  const tables: {
    struct: string;
    size: number;
    fields: (typeof OFFSET_ROWS)[number]['codec']['fields'];
  }[] = JSON.parse(text);
  const width = widths(pointer);
  return Object.fromEntries(
    tables.map(({ struct, size, fields }) => [
      struct,
      {
        '': [size, 0],
        ...Object.fromEntries(
          Object.entries(fields).map(([name, { offset, type, count = 1 }]) => [
            name,
            [offset, (width[type] ?? 0) * count],
          ]),
        ),
      },
    ]),
  );
}

for (const column of COLUMNS)
  test(`structs are laid out as ${column.compiler[0]} lays them out`, ({ assert }) => {
    const absent = new Set(
      [...new Set(OFFSET_ROWS.map(({ header }) => header))].filter(
        (header) => !finds(column.compiler, header),
      ),
    );
    const rows = OFFSET_ROWS.filter(({ header }) => !absent.has(header));
    if (absent.size) console.log(`  not checked, no header here: ${[...absent].join(', ')}`);
    assert.isAbove(rows.length, 0, `headers not found: ${[...absent].join(', ')}`);
    const expected = compiled(column, rows);
    const tables = ours(column);
    assert.deepEqual(
      Object.fromEntries(rows.map(({ struct, name = struct }) => [name, tables[name]])),
      Object.fromEntries(rows.map(({ struct, name = struct }) => [name, expected[name]])),
    );
  }).skip(missing(column) !== null, missing(column) ?? '');
