import { shellQuote } from '../../runners/transports/quote.ts';
import { type CiJob, type CiLab, JOB_MINUTES } from './job.ts';
import { installLine, jobVariables, runLine } from './script.ts';
import { yamlText } from './yaml.ts';

/** What the worker lends to the test's container. */
const LENT = '/etc/bufmatrix';
const OUT = '/tmp/bufmatrix-results';

const ABOUT = [
  'A job of LAVA, written by bufmatrix ci lava. The test runs in a container on the worker and goes to',
  'the board over ssh, so the board has to be up; put what deploys and boots it before the test.',
  "device_type and tags are the profile's and the board's names: change them where LAVA has others.",
  '',
  "Needed: in the worker's configuration",
  `    test_docker_bind_mounts: [["${LENT}", "${LENT}"]]`,
  "and there lab.yaml, the keys, and the file environment with lines NAME='VALUE': BUFMATRIX_PACKAGE",
  '(what npm install takes), and keys that are not in lab.yaml, by these names:',
];

/** Jobs of LAVA, one document a board that is reached over ssh. */
export function lavaJobs(lab: CiLab): string {
  const jobs = lab.jobs.flatMap((job) => (job.secrets ? [{ ...job, secrets: job.secrets }] : []));
  return jobs
    .map((job) =>
      yamlText(boardJob(job), [...ABOUT, `${job.secrets.hostKey}, ${job.secrets.identityFile}.`]),
    )
    .join('---\n');
}

function boardJob({ board, profile }: CiJob) {
  const lab = { path: `${LENT}/lab.yaml` };
  const minutes = JOB_MINUTES;
  return {
    job_name: `bufmatrix ${board}`,
    device_type: profile,
    tags: [board],
    priority: 'medium',
    visibility: 'public',
    timeouts: {
      job: { minutes: minutes + 10 },
      action: { minutes },
      connection: { minutes: 5 },
    },
    actions: [
      {
        test: {
          timeout: { minutes },
          docker: { image: 'node:24' },
          definitions: [
            {
              from: 'inline',
              name: 'bufmatrix',
              path: 'inline/bufmatrix.yaml',
              repository: {
                metadata: {
                  format: 'Lava-Test Test Definition 1.0',
                  name: 'bufmatrix',
                  description: 'Which dma-buf memory can be shared with which device',
                },
                run: { steps: stepsOf(lab, board) },
              },
            },
          ],
        },
      },
    ],
  };
}

/** Steps are lines of one shell. What is not as expected fails the test case `matrix`. */
function stepsOf(lab: { path: string }, board: string): string[] {
  const variables = Object.entries(jobVariables(lab, board))
    .filter(([name]) => name === 'BUFMATRIX_BOARD' || name === 'BUFMATRIX_LAB')
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [
    `set -a; . ${LENT}/environment; set +a`,
    ...variables,
    installLine('/tmp/bufmatrix'),
    'export PATH=/tmp/bufmatrix/node_modules/.bin:$PATH',
    `lava-test-case matrix --shell ${shellQuote(runLine(lab, OUT))}`,
  ];
}
