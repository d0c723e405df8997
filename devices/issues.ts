import { z } from 'zod';
import { closest, nextName } from './closest.ts';
import type { Problem } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The parts of a JSON Schema that messages are made of. */
interface SchemaNode {
  readonly type?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

const schemas = new WeakMap<z.ZodType, SchemaNode>();

/** A zod schema as JSON Schema: it knows each object's keys and descriptions. */
function schemaOf(schema: z.ZodType): SchemaNode {
  const known = schemas.get(schema);
  if (known) return known;
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as SchemaNode;
  schemas.set(schema, made);
  return made;
}

/** All schema nodes that a path can lead to; several where there is a choice. */
function nodesAt(root: SchemaNode, path: Path): readonly SchemaNode[] {
  const spread = (node: SchemaNode): readonly SchemaNode[] =>
    node.anyOf ? [node, ...node.anyOf.flatMap(spread)] : [node];
  let nodes = spread(root);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const rest = typeof node.additionalProperties === 'object' ? node.additionalProperties : null;
      const next =
        typeof step === 'number' ? node.items : (node.properties?.[String(step)] ?? rest);
      return next ? spread(next) : [];
    });
  }
  return nodes;
}

/** Turns what zod says of a file into problems with positions and next steps, in the file's order. */
export function problemsOf(issues: readonly Issue[], file: YamlFile, schema: z.ZodType): Problem[] {
  const root = schemaOf(schema);
  const problems = issues.flatMap((issue) => describe(issue, issue.path, file, root));
  return inFileOrder(problems);
}

/** By line and column; problems without a place come last. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const line = ({ at }: Problem) => (at ? at.line * 1e6 + at.column : Number.POSITIVE_INFINITY);
  return [...problems].sort((a, b) => line(a) - line(b));
}

function describe(issue: Issue, path: Path, file: YamlFile, root: SchemaNode): Problem[] {
  const problem = (what: string, hint: string): Problem[] => [
    { message: labelled(path, what), hint, at: file.locate(path) },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, file, root));
    case 'invalid_union':
      return describeUnion(issue, path, file, root);
    case 'invalid_key':
      return issue.issues.map((inner) => ({
        message: labelled(path, inner.message),
        hint: 'rename it',
        at: file.locate(path.slice(0, -1), String(path.at(-1))),
      }));
    case 'invalid_type':
      return invalidType(issue, path, file, root);
    case 'invalid_value': {
      const known = issue.values.map(String);
      if (!file.has(path)) return missing(path, file, root);
      const found = file.source(path) ?? 'this';
      if (known.length === 1) return problem(issue.message, `write ${known[0]}`);
      return problem(`${found} is not one of ${known.join(', ')}`, nextName(found, known));
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
      const limit = issue.code === 'too_small' ? `at least ${bound}` : `at most ${bound}`;
      // A schema's own words say more than a count.
      if (!/^Too (small|big):/.test(issue.message))
        return problem(issue.message, correction(path, root));
      if (issue.origin === 'array' || issue.origin === 'string') {
        const what = issue.origin === 'array' ? 'list' : 'text';
        const size = issue.code === 'too_small' ? 'short' : 'long';
        return problem(`the ${what} is too ${size}; ${limit}`, 'change it, or leave the key out');
      }
      return problem(`${file.source(path) ?? 'this'} is out of range`, `write ${limit}`);
    }
    default:
      return problem(issue.message, correction(path, root));
  }
}

/** What is wrong with the choice that came nearest: the one whose fault lies deepest. */
function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  file: YamlFile,
  root: SchemaNode,
): Problem[] {
  const depth = (branch: readonly Issue[]) =>
    Math.max(...branch.map((inner) => (wrongKind(inner) ? -1 : inner.path.length)));
  const branches = [...issue.errors].sort((a, b) => depth(b) - depth(a));
  const best = branches[0];
  if (!best) return describe({ ...issue, code: 'custom' } as Issue, path, file, root);
  if (best.every(wrongKind)) {
    // None of the kinds. A scalar is judged as the one scalar that is allowed.
    const scalar = branches.find((branch) => branch.some((inner) => !isContainer(inner)));
    if (scalar && file.source(path) !== undefined)
      return scalar.flatMap((inner) => describe(inner, path, file, root));
  }
  return best.flatMap((inner) => describe(inner, [...path, ...inner.path], file, root));
}

/** A list where a text was wanted, or the other way round: not the choice that was meant. */
const wrongKind = (issue: Issue): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');

const isContainer = (issue: Issue): boolean =>
  issue.code === 'invalid_type' && ['array', 'object', 'record'].includes(issue.expected);

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list (lines that begin with `- `, or [A, B])',
  object: 'a map (lines of `key: value`)',
  record: 'a map (lines of `key: value`)',
};

function invalidType(
  issue: z.core.$ZodIssueInvalidType,
  path: Path,
  file: YamlFile,
  root: SchemaNode,
): Problem[] {
  if (!file.has(path)) return missing(path, file, root);
  if (issue.expected === 'string' && isUnquoted(path, file)) return [unquoted(path, file)];
  const kind = KINDS[issue.expected] ?? issue.expected;
  const message = labelled(path, `this must be ${kind}`);
  return [{ message, hint: correction(path, root), at: file.locate(path) }];
}

/** A text that YAML has taken for a number, a truth value or null. */
function isUnquoted(path: Path, file: YamlFile): boolean {
  return Boolean(file.source(path)) && typeof file.at(path) !== 'string';
}

const VERSION_KEYS: ReadonlySet<PropertyKey> = new Set(['kernel', 'mesa', 'version']);

function unquoted(path: Path, file: YamlFile): Problem {
  const source = file.source(path) ?? '';
  const key = path.at(-1) ?? '';
  const what = VERSION_KEYS.has(key) ? 'the version' : 'it';
  return {
    message: labelled(path, `write ${what} in quotes (${lossOf(source)})`),
    hint: typeof key === 'number' ? `"${source}"` : `${String(key)}: "${source}"`,
    at: file.locate(path),
  };
}

function lossOf(source: string): string {
  if (!/^[-+.\d]/.test(source)) return `${source} is no text in YAML`;
  const number = String(Number(source));
  if (/^\d+\.\d*0$/.test(source)) return `${source} lost its 0 as a YAML number`;
  return number === source ? `${source} is a YAML number` : `YAML makes the number ${number} of it`;
}

function missing(path: Path, file: YamlFile, root: SchemaNode): Problem[] {
  const key = String(path.at(-1));
  const text = help(path, root);
  const hint = `add a line \`${key}: …\`${text ? ` (${text})` : ''}`;
  return [{ message: labelled(path, 'this key is missing'), hint, at: file.locate(path) }];
}

function unknownKey(key: string, path: Path, file: YamlFile, root: SchemaNode): Problem {
  const known = nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {}));
  const near = closest(key, known);
  const list = known.length ? `; known here: ${known.join(', ')}` : '';
  return {
    message: labelled([...path, key], `unknown key${list}`),
    hint: near ? `write ${near} if that was meant` : 'remove it, or use a known key',
    at: file.locate(path, key),
  };
}

function correction(path: Path, root: SchemaNode): string {
  const text = help(path, root);
  return text ? `correct it there (${text})` : 'correct it there';
}

function help(path: Path, root: SchemaNode): string | undefined {
  return nodesAt(root, path).find((node) => node.description)?.description;
}

/** `expect.3.kernel: what`; nothing before it at the top of the file. */
export function labelled(path: Path, what: string): string {
  return path.length ? `${path.map(String).join('.')}: ${what}` : what;
}
