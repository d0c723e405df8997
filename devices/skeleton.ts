import { stringify } from 'yaml';
import { memoryGroups, memoryWords } from '../suites/heap-identity.ts';
import type { Inventory } from '../suites/inventory.ts';
import { DriverName, HeapName, Line, Name } from './names.ts';
import { UserError } from './problem.ts';
import { driversOf, isTranslated } from './recognise.ts';

/** A text as a YAML scalar of one line, in quotes wherever YAML would take it for something else. */
const scalar = (text: string): string =>
  stringify(text, { lineWidth: 0, defaultStringType: 'PLAIN' }).trim();

const flow = (items: readonly string[]): string =>
  `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

const isDriver = (name: string): boolean => DriverName.safeParse(name).success;

type Drm = Inventory['drm'][number];

const iommuOf = (device: Parameters<typeof isTranslated>[0]): string =>
  isTranslated(device) ? 'yes' : 'no';

/**
 * A profile for a board never seen before, from what was found on it, with comments that say what
 * to look at. It loads as it is, from a file that is called NAME.yaml.
 * @throws UserError when the name cannot be a profile's.
 */
export function skeletonProfile(inventory: Inventory, name: string): string {
  const checked = Name.safeParse(name);
  if (!checked.success)
    throw new UserError({
      code: 'usage',
      message: `${JSON.stringify(name)} cannot be a profile's name`,
      hint: checked.error.issues[0]?.message ?? 'choose another',
    });
  const title = [inventory.identity.model, inventory.identity.dmi.productName].find(
    (text) => text !== null && Line.safeParse(text).success,
  );
  const kernel = inventory.kernel.release.replace(/\s+/g, ' ');
  return [
    '# yaml-language-server: $schema=./schema/profile.schema.json',
    `# Written from what was found on the board, running ${kernel.replace(/[^ -~]/g, '?')}.`,
    '# Nothing is expected of any cell yet: add `expect:` entries after the first run.',
    'schema: 1',
    '# The file must be called by this name.',
    `name: ${scalar(name)}`,
    `title: ${scalar(title ?? name)}`,
    'about: Written by bufmatrix probe; not looked through yet.',
    '',
    ...recogniseLines(inventory),
    '',
    'devices:',
    ...gpuLines(inventory),
    ...kmsLines(inventory),
    ...encoderLines(inventory),
    ...heapLines(inventory),
    '',
    '# `heap:*` is every heap that the board has when it is run.',
    `backends: ${flow(backendNames(inventory))}`,
    '',
    '# Left out: every suite that there are devices for, with its default formats and sizes.',
    '# suites:',
    '#   egl-sample: {formats: [XR24, NV12], sizes: [640x480]}',
    '',
    'limits:',
    '  # true lets a real commit be made: the picture on the screen changes.',
    '  modeset: false',
    '  cellSeconds: 20',
    '  bufferMiB: 64',
    '  # true lets all contiguous memory be taken for a moment, where nothing else shows which heaps',
    '  # are one memory.',
    '  exhaustCma: false',
    '',
    '# expect:',
    '#   - cells: {suite: "kms-*", backend: udmabuf-scattered}',
    '#     outcome: refused',
    '#     reason: the display has no IOMMU and takes contiguous memory only',
    '#     source: where it is written; if measured, BOARD, kernel VERSION',
    '#     basis: claimed   # or measured',
    '',
  ].join('\n');
}

/** By the most telling fact that there is: device tree, DMI, PCI ids, drivers. */
function recogniseLines({ identity, ...inventory }: Inventory): string[] {
  const isLine = (text: string | null): text is string =>
    text !== null && Line.safeParse(text).success;
  const [compatible] = identity.compatible.filter(isLine);
  if (compatible) return ['recognise:', `  - {compatible: ${flow([compatible])}}`];
  const dmi = Object.entries(identity.dmi).filter(([, text]) => isLine(text));
  if (dmi.length)
    return [
      'recognise:',
      '  - dmi:',
      ...dmi.map(([key, text]) => `      ${key}: ${JSON.stringify(text)}`),
    ];
  const drivers = unique([...inventory.drm, ...inventory.v4l2].map(({ driver }) => driver));
  const known = drivers.filter(isDriver);
  if (known.length) return ['recognise:', `  - {drivers: ${flow(known)}}`];
  return ['# Nothing to recognise it by was found.', 'recognise: []'];
}

const renders = (inventory: Inventory, { driver, render }: Drm): boolean =>
  render !== null || inventory.egl.some((egl) => egl.driver === driver && egl.error === null);

function gpuNames(inventory: Inventory): string[] {
  const nodes = inventory.drm.filter((device) => renders(inventory, device));
  return unique(nodes.map(({ driver }) => driver)).filter(isDriver);
}

function kmsNames({ drm }: Inventory): string[] {
  const cards = drm.filter(
    ({ card, planes, connectors }) => card && (planes.length || connectors.length),
  );
  return unique(cards.map(({ driver }) => driver)).filter(isDriver);
}

function driverLines(inventory: Inventory, key: string, names: readonly string[]): string[] {
  if (names.length === 0) return [`  ${key}: []`];
  const iommu = (name: string) => {
    const device = inventory.drm.find(({ driver }) => driver === name);
    return device ? iommuOf(device) : 'unknown';
  };
  return [
    `  ${key}:`,
    ...names.map((name) => `    - {driver: ${JSON.stringify(name)}, iommu: ${iommu(name)}}`),
  ];
}

function gpuLines(inventory: Inventory): string[] {
  const software = inventory.egl.some(({ driver, error }) => driver === 'swrast' && error === null);
  const names = [...(software ? ['swrast'] : []), ...gpuNames(inventory)];
  return [
    '  # IOMMUs as the kernel shows them. A GPU may have an MMU of its own, which does not show here.',
    ...driverLines(inventory, 'gpu', names),
  ];
}

function kmsLines(inventory: Inventory): string[] {
  return driverLines(inventory, 'kms', kmsNames(inventory));
}

const ENCODER_KINDS: Readonly<Record<string, 'm2m' | 'output'>> = {
  'm2m-encoder': 'm2m',
  output: 'output',
};

function encoderLines({ v4l2 }: Inventory): string[] {
  const lines = v4l2.flatMap((device) => {
    const kind = ENCODER_KINDS[device.kind];
    if (!kind || !isDriver(device.driver)) return [];
    const driver = JSON.stringify(device.driver);
    return [`    - {driver: ${driver}, kind: ${kind}, iommu: ${iommuOf(device)}}`];
  });
  return lines.length ? ['  encoder:', ...unique(lines)] : ['  encoder: []'];
}

/** Which other names its memory has, and what memory it is. */
function heapNotes(inventory: Inventory, name: string): string[] {
  const group = memoryGroups(inventory).find(({ names }) => names.includes(name));
  if (!group) return [];
  const others = group.names.filter((one) => one !== name);
  const words = memoryWords(inventory, group);
  return [
    ...(others.length ? [`the same memory as ${others.join(', ')}`] : []),
    ...(words === null ? [] : [words]),
  ];
}

function heapLines(inventory: Inventory): string[] {
  const { heaps } = inventory;
  const lines = heaps
    .filter(({ name }, index) => heaps.findIndex((heap) => heap.name === name) === index)
    .filter(({ name }) => HeapName.safeParse(name).success)
    .map(({ name, target }) => {
      const notes = [...(target ? [`a link to ${target}`] : []), ...heapNotes(inventory, name)];
      const comment = notes.length ? `   # ${notes.join('; ').replace(/[^ -~]/g, '?')}` : '';
      return `    - ${JSON.stringify(name)}${comment}`;
    });
  return lines.length ? ['  heaps:', ...lines] : ['  heaps: []'];
}

function backendNames(inventory: Inventory): string[] {
  const there = driversOf(inventory);
  const dumb = inventory.drm.filter((device) => device.card && device.dumb);
  const video = inventory.v4l2.filter(({ kind }) => kind in ENCODER_KINDS || kind === 'capture');
  const names = [
    'udmabuf',
    'udmabuf-scattered',
    'heap:*',
    ...dumb.map(({ driver }) => `dumb:${driver}`),
    ...gpuNames(inventory).map((driver) => `gbm:${driver}`),
    ...video.map(({ driver }) => `v4l2:${driver}`),
  ];
  const driverOf = (name: string) => name.split(/:(.*)/)[1];
  return unique(names).filter((name) => {
    const driver = driverOf(name);
    return driver === undefined || driver === '*' || (there.includes(driver) && isDriver(driver));
  });
}
