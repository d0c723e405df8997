/** Reads a workflow from the standard input as GitHub does, and prints what is wrong with it as JSON. */
import { readFileSync } from 'node:fs';
import { convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser';

const ignore = () => {};
const { context, value } = parseWorkflow(
  { name: 'workflow.yml', content: readFileSync(0, 'utf8') },
  { error: ignore, info: ignore, verbose: ignore },
);
const wrong = () => context.errors.getErrors().map(({ message }) => message);

/** What is wrong with it as YAML of that schema; if nothing, then as jobs. */
async function verdict() {
  if (wrong().length || !value) return { errors: wrong(), ids: [] };
  const { jobs } = await convertWorkflowTemplate(context, value);
  return { errors: wrong(), ids: jobs.map(({ id }) => id.value) };
}

void verdict().then((found) => process.stdout.write(JSON.stringify(found)));
