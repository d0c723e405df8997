import { type CiJob, type CiLab, JOB_MINUTES, virtualNote } from './job.ts';
import { findRunLine, gateLines, installLine, jobVariables, lines, runLine } from './script.ts';
import { yamlText } from './yaml.ts';

/** Below the checkout: artifacts may not be anywhere else. */
const OUT = 'bufmatrix-results';
const BASE = '.bufmatrix';

const ABOUT = [
  'Jobs of GitLab CI, written by bufmatrix ci gitlab: include it from .gitlab-ci.yml',
  '',
  'Needed: runners of your own with the tag bufmatrix that reach the boards (with the docker',
  'executor, in the image below); the variable BUFMATRIX_PACKAGE, which is what npm install takes.',
];

const SECRETS = [
  'Variables, protected, for each board that is reached over ssh: BUFMATRIX_HOST_KEY_NAME (masked; as',
  "hostKey in the lab file) and BUFMATRIX_IDENTITY_FILE_NAME (of the type File: a private key's text).",
  "Without them the lab file's count.",
];

/** Jobs of GitLab CI, one a board. */
export function gitlabJobs(lab: CiLab): string {
  const jobs = Object.fromEntries(
    lab.jobs.map((job) => [`bufmatrix ${job.board}`, boardJob(lab, job)]),
  );
  const secret = lab.jobs.some(({ secrets }) => secrets);
  return yamlText({ [BASE]: base(lab), ...jobs }, [
    ...ABOUT,
    ...(secret ? SECRETS : []),
    ...virtualNote(lab),
  ]);
}

const base = (lab: CiLab) => ({
  image: 'node:24',
  tags: ['bufmatrix'],
  timeout: `${JOB_MINUTES} minutes`,
  script: [
    lines(
      installLine('$CI_PROJECT_DIR/.bufmatrix'),
      'PATH=$CI_PROJECT_DIR/.bufmatrix/node_modules/.bin:$PATH',
      // A runner may keep files of the job before.
      `rm -rf ${OUT}`,
      'code=0',
      `${runLine(lab, OUT)} || code=$?`,
      findRunLine(OUT),
      ...gateLines(''),
      'exit "$code"',
    ),
  ],
  artifacts: {
    when: 'always',
    paths: [`${OUT}/`],
    reports: { junit: `${OUT}/*/junit.xml` },
  },
});

function boardJob(lab: CiLab, { board, secrets }: CiJob) {
  const file = secrets && `\${${secrets.identityFile}:-}`;
  return {
    extends: BASE,
    variables: jobVariables(lab, board),
    // ssh takes no key that others may read, and GitLab writes the file so that they can.
    ...(file ? { before_script: [`if [ -n "${file}" ]; then chmod 400 "${file}"; fi`] } : {}),
  };
}
