import type { BuildOptions, Plugin } from 'esbuild';

/** The file that a board's Node is started with. */
export const AGENT_FILE = 'agent.cjs';

/**
 * The agent's files and what they are made from. One for each role: a process that only supervises
 * does not parse what tries cells, which an emulated board would feel.
 */
export const ENTRIES: Readonly<Record<string, string>> = {
  [AGENT_FILE]: 'runners/agent/main.ts',
  'session.cjs': 'runners/agent/session.ts',
  'worker.cjs': 'runners/agent/worker.ts',
  'egl-probe.cjs': 'runners/agent/egl-probe.ts',
  'heap-probe.cjs': 'runners/agent/heap-probe.ts',
};

/** The oldest Node that a board may have: npm's last one for 32-bit Arm. */
const TARGET = 'node20.11';

/** main.ts loads the other roles from the files beside it. */
const roles: Plugin = {
  name: 'roles',
  setup: (build) => {
    build.onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, kind, importer }) => {
      const file = `${path.slice(2, -3)}.cjs`;
      if (kind !== 'dynamic-import' || !importer.endsWith('/runners/agent/main.ts')) return null;
      return file in ENTRIES ? { path: `./${file}`, external: true } : null;
    });
  },
};

/** koffi takes node:util for its deprecation warnings alone, and Node loads 8 ms of modules for it. */
const quietKoffi: Plugin = {
  name: 'quiet-koffi',
  setup: (build) => {
    build.onResolve({ filter: /^node:util$/ }, ({ importer }) =>
      importer.includes('/node_modules/koffi/') ? { path: 'util', namespace: 'quiet-koffi' } : null,
    );
    build.onLoad({ filter: /^util$/, namespace: 'quiet-koffi' }, () => ({
      contents: 'export default { deprecate: (f) => f };',
    }));
  },
};

/**
 * How one of the agent's files is bundled. koffi's ES module finds its native file by import.meta,
 * which CommonJS does not have; it also looks below process.resourcesPath, where ours is put.
 */
export function bundleOptions(root: string, entry: string, version: string) {
  return {
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: TARGET,
    // A dynamic import of a CommonJS file would start Node's ES module loader.
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [roles, quietKoffi],
    define: {
      BUFMATRIX_VERSION: JSON.stringify(version),
      'import.meta.url': '__filename',
      // Nothing outside the agent's own folder is ever loaded.
      'import.meta.dirname': '"/proc/self/none"',
    },
    banner: { js: 'process.resourcesPath=__dirname;' },
  } satisfies BuildOptions;
}
