/**
 * Checks every import against the table in CONTRIBUTING.md: which folder may import which. The table
 * there is the one source; this only reads it.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

const root = resolve(dirname(new URL(import.meta.url).pathname), '..');

interface Rule {
  readonly folder: string;
  readonly may: readonly string[];
}

/** Rows of the form "| `folder` | `other`, `another` | why |"; the longest matching folder rules. */
function readRules(): Rule[] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const rows = text.matchAll(/^\| `([a-z/-]+)`\s*\|([^|]*)\|/gm);
  const rules = [...rows].map(([, folder = '', list = '']) => ({
    folder,
    may: [...list.matchAll(/`([a-z/.-]+)`/g)].map(([, name = '']) => name),
  }));
  if (rules.length === 0) throw new Error('CONTRIBUTING.md holds no table of imports');
  return rules.sort((a, b) => b.folder.length - a.folder.length);
}

const below = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, target = '']) => normalize(join(dirname(file), target)));
}

const rules = readRules();
const files = globSync('{bin,devices,policies,suites,runners,reports,scripts}/**/*.ts', {
  cwd: root,
});
const problems: string[] = [];
for (const file of files) {
  const rule = rules.find(({ folder }) => below(file, folder));
  if (!rule) {
    problems.push(`${file}: its folder is not in the table of CONTRIBUTING.md`);
    continue;
  }
  for (const target of importsOf(file)) {
    const allowed = below(target, rule.folder) || rule.may.some((folder) => below(target, folder));
    if (!allowed) problems.push(`${file}: ${rule.folder} may not import ${target}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`imports: ${files.length} files, ${rules.length} rules, all kept`);
