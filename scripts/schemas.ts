/**
 * Writes the JSON Schemas of every file that people or programs read and write into
 * devices/schema. `--check` writes nothing and fails when one of them is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Lab } from '../devices/lab.ts';
import { Profile } from '../devices/profile.ts';
import { Cause } from '../suites/diagnose/cause.ts';
import { ExperimentRecord } from '../suites/diagnose/experiment.ts';
import { Inventory } from '../suites/inventory.ts';
import { Plan } from '../suites/plan.ts';
import { CellRecord } from '../suites/record.ts';
import { Run } from '../suites/run.ts';

const SCHEMAS: Readonly<Record<string, { schema: z.ZodType; title: string }>> = {
  profile: { schema: Profile, title: 'A board profile: devices/*.yaml' },
  lab: { schema: Lab, title: 'The boards of a lab and the ways to them: lab.yaml' },
  plan: { schema: Plan, title: 'What a run tries on one board' },
  record: { schema: CellRecord, title: 'One line of records.ndjson: one attempt at one cell' },
  experiment: {
    schema: ExperimentRecord,
    title: 'One line of experiments.ndjson: an attempt that tells causes apart',
  },
  cause: { schema: Cause, title: 'Why a cell did not pass: `cause` of a cell in matrix.json' },
  inventory: { schema: Inventory, title: 'Everything of a board that a result may hang on' },
  run: { schema: Run, title: 'run.json: everything of a run but its records' },
};

/** Draft 7 is what editors' YAML servers read. Input: a key with a default may be left out. */
function text({ schema, title }: { schema: z.ZodType; title: string }): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

function present(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../devices/schema');
const stale = Object.entries(SCHEMAS)
  .map(([name, entry]) => ({ path: join(folder, `${name}.schema.json`), wanted: text(entry) }))
  .filter(({ path, wanted }) => present(path) !== wanted);

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is out of date`);
  if (stale.length) console.error('Next: node scripts/schemas.ts');
  process.exitCode = stale.length ? 1 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { path, wanted } of stale) writeFileSync(path, wanted);
  console.log(stale.length ? `${stale.length} schemas written` : 'all schemas are up to date');
}
