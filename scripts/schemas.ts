/**
 * Writes the JSON Schemas of every file that people or programs read and write into
 * the folders `schema`. `--check` writes nothing and fails when one of them is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Lab } from '../devices/lab.ts';
import { Profile } from '../devices/profile.ts';
import { Policy } from '../policies/policy.ts';
import { UseCase } from '../policies/use-case.ts';
import { Verdict } from '../policies/verdict.ts';
import { BaselineLine } from '../reports/gate/baseline.ts';
import { GateReport } from '../reports/gate/model.ts';
import { HistoryReport } from '../reports/history/model.ts';
import { SiteManifest } from '../reports/site/manifest.ts';
import { SiteIndex } from '../reports/site/overview-json.ts';
import { SitePolicies } from '../reports/site/policies-json.ts';
import { Cause } from '../suites/diagnose/cause.ts';
import { ExperimentRecord } from '../suites/diagnose/experiment.ts';
import { Inventory } from '../suites/inventory.ts';
import { Plan } from '../suites/plan.ts';
import { CellRecord } from '../suites/record.ts';
import { Run } from '../suites/run.ts';

const SCHEMAS: Readonly<Record<string, { schema: z.ZodType; title: string }>> = {
  'devices/schema/profile': { schema: Profile, title: 'A board profile: devices/*.yaml' },
  'devices/schema/lab': {
    schema: Lab,
    title: 'The boards of a lab and the ways to them: lab.yaml',
  },
  'devices/schema/plan': { schema: Plan, title: 'What a run tries on one board' },
  'devices/schema/record': {
    schema: CellRecord,
    title: 'One line of records.ndjson: one attempt at one cell',
  },
  'devices/schema/experiment': {
    schema: ExperimentRecord,
    title: 'One line of experiments.ndjson: an attempt that tells causes apart',
  },
  'devices/schema/cause': {
    schema: Cause,
    title: 'Why a cell did not pass: `cause` of a cell in matrix.json',
  },
  'devices/schema/inventory': {
    schema: Inventory,
    title: 'Everything of a board that a result may hang on',
  },
  'devices/schema/run': { schema: Run, title: 'run.json: everything of a run but its records' },
  'devices/schema/baseline': {
    schema: BaselineLine,
    title: 'One line of a baseline file of `bufmatrix gate`; the first is its header',
  },
  'devices/schema/gate': { schema: GateReport, title: 'What `bufmatrix gate --json` prints' },
  'devices/schema/history': {
    schema: HistoryReport,
    title: 'What `bufmatrix history --json` prints',
  },
  'devices/schema/site-index': {
    schema: SiteIndex,
    title: "A site's index.json: its boards and runs, and where they are",
  },
  'devices/schema/site-policies': {
    schema: SitePolicies,
    title: "A site's policies.json: what policies come to on its boards, and where that is proven",
  },
  'devices/schema/site-files': {
    schema: SiteManifest,
    title: 'bufmatrix-site.json: the files that `bufmatrix publish` has written',
  },
  'policies/schema/policy': { schema: Policy, title: 'An allocation policy: policies/*.yaml' },
  'policies/schema/use-case': {
    schema: UseCase,
    title: 'A use of shared buffers: policies/use-cases/*.yaml',
  },
  'policies/schema/verdict': {
    schema: z.array(Verdict),
    title: 'What `bufmatrix policy check --json` prints',
  },
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

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const stale = Object.entries(SCHEMAS)
  .map(([name, entry]) => ({ path: join(root, `${name}.schema.json`), wanted: text(entry) }))
  .filter(({ path, wanted }) => present(path) !== wanted);

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is out of date`);
  if (stale.length) console.error('Next: node scripts/schemas.ts');
  process.exitCode = stale.length ? 1 : 0;
} else {
  for (const { path, wanted } of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
  }
  console.log(stale.length ? `${stale.length} schemas written` : 'all schemas are up to date');
}
