import { type CiJob, type CiLab, JOB_MINUTES, virtualNote } from './job.ts';
import {
  findRunLine,
  gateLines,
  installLine,
  jobVariables,
  lines,
  reportLine,
  runLine,
} from './script.ts';
import { yamlText } from './yaml.ts';

// Emptied by the runner at each job's begin, and not part of the checkout.
const TEMP = '$RUNNER_TEMP';
const OUT = `${TEMP}/bufmatrix-results`;
const KEY = `${TEMP}/bufmatrix-identity`;

/** Also after a run that is not as expected, and not where it never began. */
const AFTER_RUN = expression("!cancelled() && steps.run.outcome != 'skipped'");

const ABOUT = [
  'A workflow of GitHub Actions, written by bufmatrix ci github: .github/workflows/bufmatrix.yml',
  '',
  'Needed: runners of your own with the label bufmatrix that reach the boards; the variable',
  'BUFMATRIX_PACKAGE, which is what npm install takes (a packed bufmatrix, or its address).',
];

const SECRETS = [
  'Secrets, for each board that is reached over ssh: BUFMATRIX_HOST_KEY_NAME (as hostKey in the lab',
  "file) and BUFMATRIX_IDENTITY_NAME (a private key's text). Without them the lab file's count.",
];

/** A workflow of GitHub Actions, one job a board. Pull requests do not start it: they run foreign code. */
export function githubWorkflow(lab: CiLab): string {
  const workflow = {
    name: 'bufmatrix',
    on: { push: { branches: ['main'] }, workflow_dispatch: {} },
    permissions: { contents: 'read' },
    jobs: Object.fromEntries(lab.jobs.map((job) => [`board-${job.part}`, boardJob(lab, job)])),
  };
  const secret = lab.jobs.some(({ secrets }) => secrets);
  return yamlText(workflow, [...ABOUT, ...(secret ? SECRETS : []), ...virtualNote(lab)]);
}

function boardJob(lab: CiLab, job: CiJob) {
  return {
    name: job.board,
    'runs-on': ['self-hosted', 'bufmatrix'],
    'timeout-minutes': JOB_MINUTES,
    env: jobVariables(lab, job.board),
    defaults: { run: { shell: 'bash' } },
    steps: [
      { uses: 'actions/checkout@v4', with: { 'persist-credentials': false } },
      { uses: 'actions/setup-node@v4', with: { 'node-version': '24' } },
      {
        name: 'Install bufmatrix',
        env: { BUFMATRIX_PACKAGE: expression('vars.BUFMATRIX_PACKAGE') },
        run: lines(
          installLine(`${TEMP}/bufmatrix`),
          `echo "${TEMP}/bufmatrix/node_modules/.bin" >> "$GITHUB_PATH"`,
        ),
      },
      ...keySteps(job),
      { name: 'Run', id: 'run', ...runEnvironment(job), run: lines(runLine(lab, OUT)) },
      {
        name: 'Report',
        if: AFTER_RUN,
        run: lines(
          findRunLine(OUT),
          `{ ${reportLine('summary')}; } >> "$GITHUB_STEP_SUMMARY"`,
          reportLine('github'),
        ),
      },
      { name: 'Gate', if: AFTER_RUN, run: lines(findRunLine(OUT), ...gateLines('::notice::')) },
      {
        name: 'Keep the results',
        if: AFTER_RUN,
        uses: 'actions/upload-artifact@v4',
        with: {
          name: `bufmatrix-${job.board}`,
          path: `${expression('runner.temp')}/bufmatrix-results`,
          'if-no-files-found': 'error',
        },
      },
      ...(job.secrets
        ? [{ name: 'Remove the key', if: 'always()', run: lines(`rm -f "${KEY}"`) }]
        : []),
    ],
  };
}

/** Writes the key where nobody else can read it, and hides each of its lines in the log. */
function keySteps({ secrets, part }: CiJob) {
  if (!secrets) return [];
  return [
    {
      name: 'Take the keys',
      env: {
        HOST_KEY: secretOf(secrets.hostKey),
        IDENTITY: secretOf(`BUFMATRIX_IDENTITY_${part.toUpperCase()}`),
        IDENTITY_VARIABLE: secrets.identityFile,
      },
      run: lines(
        'printf \'%s\\n%s\\n\' "$HOST_KEY" "$IDENTITY" | while IFS= read -r line; do',
        '  if [ -n "$line" ]; then printf \'::add-mask::%s\\n\' "$line"; fi',
        'done',
        'if [ -n "$IDENTITY" ]; then',
        `  (umask 077 && printf '%s\\n' "$IDENTITY" > "${KEY}")`,
        `  echo "$IDENTITY_VARIABLE=${KEY}" >> "$GITHUB_ENV"`,
        'fi',
      ),
    },
  ];
}

/** The only step that is given the host key. */
const runEnvironment = ({ secrets }: CiJob) =>
  secrets ? { env: { [secrets.hostKey]: secretOf(secrets.hostKey) } } : {};

const secretOf = (name: string) => expression(`secrets.${name}`);

/** What GitHub puts a value in place of. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}
