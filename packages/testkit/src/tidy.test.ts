import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** What each room may import: the arrows of ARCHITECTURE.md. `testkit` is for tests and sees all but the command line. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  firmware: ['core'],
  policy: ['core'],
  'policy-hmat': ['core', 'policy'],
  'policy-default-dram': ['core', 'policy'],
  trace: ['core'],
  simulator: ['core', 'policy', 'trace'],
  'linux-mm': ['core', 'policy'],
  'migration-policies': ['core', 'policy', 'linux-mm'],
  experiment: ['core', 'policy', 'trace', 'simulator'],
  report: ['core'],
  'kernel-lab': ['core', 'firmware', 'linux-mm', 'trace'],
};

/** Rooms with an impure edge: they may touch files, processes, the console and the clock. */
const impureRooms = new Set(['cli', 'kernel-lab', 'testkit']);
/** The one process edge inside a pure room. */
const impureFolders = ['packages/trace/src/recorder/'];

const rooms = readdirSync(join(root, 'packages'));

function filesBelow(directory: string, ending: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|fixtures|\.git|\.turbo)$/.test(entry.name)) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const sourcesOf = (room: string): string[] =>
  filesBelow(join(root, 'packages', room, 'src'), '.ts').filter(
    (file) => !/\.(test|testing|arbitrary)\.ts$/.test(file),
  );

/** The source without comments and strings, so that words in prose are not taken for code. */
function codeOf(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, (text) => (text.includes('node:') ? text : "''"))
    .replaceAll(/`(?:[^`\\$]|\\.)*`/g, '``');
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );

describe('import arrows', () => {
  test.each(rooms.filter((room) => room in arrows))('%s imports only what it may', (room) => {
    const wrong = sourcesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('@tierlab/') || name === 'tierlab')
        .map((name) => name.split('/')[1] ?? name)
        .filter((name) => name !== room && !arrows[room]?.includes(name))
        .map((name) => `${relative(root, file)} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every room has its arrows here', () => {
    expect(
      rooms.filter((room) => !(room in arrows) && room !== 'cli' && room !== 'testkit'),
    ).toEqual([]);
  });

  test('no room but the command line imports testkit or the command line', () => {
    const wrong = rooms
      .filter((room) => room !== 'cli')
      .flatMap((room) =>
        sourcesOf(room).filter((file) =>
          importsOf(file).some((name) => /testkit|^tierlab/.test(name)),
        ),
      );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });
});

test.each(rooms)('no file of %s imports itself by way of others, types included', (room) => {
  const imported = new Map(
    sourcesOf(room).map((file) => [
      file,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => resolve(dirname(file), name)),
    ]),
  );
  const settled = new Set<string>();
  const circleFrom = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (settled.has(file)) return undefined;
    for (const next of imported.get(file) ?? []) {
      const circle = circleFrom(next, [...way, file]);
      if (circle !== undefined) return circle;
    }
    settled.add(file);
    return undefined;
  };
  for (const file of imported.keys()) {
    expect(circleFrom(file, [])?.map((each) => relative(root, each))).toBeUndefined();
  }
});

describe('pure inside, one impure edge', () => {
  const forbidden: readonly (readonly [string, RegExp])[] = [
    ['the clock', /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b/],
    ['true randomness', /\bMath\.random\b|\bcrypto\.random/],
    ['the console', /\bconsole\./],
    ['the process', /\bprocess\.(?!cpuUsage\b)/],
    ['files or processes', /'node:(?:fs|fs\/promises|child_process|net|http|os)'/],
  ];
  test.each(rooms.filter((room) => !impureRooms.has(room)))('%s', (room) => {
    const wrong = sourcesOf(room)
      .filter((file) => !impureFolders.some((folder) => relative(root, file).startsWith(folder)))
      .flatMap((file) => {
        const code = codeOf(file);
        return forbidden
          .filter(([, pattern]) => pattern.test(code))
          .map(([what]) => `${relative(root, file)} touches ${what}`);
      });
    expect(wrong).toEqual([]);
  });
});

describe('what a test skips', () => {
  // `skip('PROGRAM is not installed: apt-get install PACKAGE')`; CI installs some packages, and there it must not skip.
  const installed =
    /^tools='([^']*)'$/m.exec(readFileSync(join(root, '.ci/run'), 'utf8'))?.[1] ?? '';
  const tests = rooms
    .flatMap((room) => filesBelow(join(root, 'packages', room, 'src'), '.test.ts'))
    .filter((file) => !file.endsWith('tidy.test.ts'));

  test('a program that CI installs is a failure there where it is missing', () => {
    const wrong = tests.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/is not installed: apt-get install (.*?)['`]/g)]
        .filter(([, packages = '']) => {
          const isInstalled = packages
            .split(' ')
            .some((name) => installed.split(' ').includes(name));
          return isInstalled || packages.startsWith('$');
        })
        .filter(({ index }) => {
          const after = readFileSync(file, 'utf8').slice(index, index + 200);
          return !after.includes("if (process.env['CI'] !== undefined) throw new Error(missing)");
        })
        .map(([text]) => `${relative(root, file)}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  test('what is skipped says why', () => {
    const wrong = tests.filter((file) =>
      /\bskip\((?!missing\)|['`])/.test(readFileSync(file, 'utf8')),
    );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });
});

describe('the shape of files', () => {
  test("no barrels but each package's own index.ts, no utils", () => {
    const wrong = rooms
      .flatMap(sourcesOf)
      .map((file) => relative(root, file))
      .filter((file) => /\/(utils?|helpers?|common)(\/|\.ts$)/.test(file));
    expect(wrong).toEqual([]);
  });

  test('file names are words with hyphens', () => {
    const wrong = rooms
      .flatMap((room) => filesBelow(join(root, 'packages', room, 'src'), '.ts'))
      .map((file) => relative(root, file))
      .filter(
        (file) =>
          !/\/[a-z0-9]+(-[a-z0-9]+)*(\.\d+)?(\.live)?(\.(test|testing|arbitrary|generated))?\.ts$/.test(
            file,
          ),
      );
    expect(wrong).toEqual([]);
  });

  test('nothing names a path of one machine', () => {
    const ours = rooms.flatMap((room) => filesBelow(join(root, 'packages', room), '.ts'));
    const docs = filesBelow(root, '.md');
    const pattern = new RegExp(
      ['(^|[^.\\w])/(', 'work|farm', ')/|', '\\.\\./', 'shared/'].join(''),
      'm',
    );
    expect([...ours, ...docs].filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual(
      [],
    );
  });
});

describe('documents', () => {
  test('every relative link leads somewhere', () => {
    const broken = filesBelow(root, '.md').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(resolve(dirname(file), target)))
        .map((target) => `${relative(root, file)} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
