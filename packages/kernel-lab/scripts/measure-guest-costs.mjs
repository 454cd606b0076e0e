// Boots the lab's machine with the measuring program (guest/calibrate.c) and writes what kernel work costs in it:
//   node packages/kernel-lab/scripts/measure-guest-costs.mjs [KERNEL]
// KERNEL: a version or release as `tierlab lab record --kernel` takes it; the goldens' own unless given.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
// Not from the package's index, which stands on the file that this makes.
import { findKernel } from '../dist/boot/debian-kernels.js';
import { defaultCacheDirectory } from '../dist/boot/guest-files.js';
import { measureGuest } from '../dist/boot/measure-costs.js';
import { machineOfRecord } from '../dist/boot/scenario.js';

const home = join(import.meta.dirname, '..');
const golden = JSON.parse(
  gunzipSync(readFileSync(join(home, 'fixtures/goldens/zipf.json.gz'))).toString(),
);
const cacheDirectory = defaultCacheDirectory();
const kernel = await findKernel(process.argv[2] ?? '6.12.107', { cacheDirectory });
const measured = await measureGuest({ kernel, machine: machineOfRecord(golden), cacheDirectory });
const text = `// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes, measured by guest/calibrate.c. */
export const MEASURED_GUEST: MeasuredGuest = ${JSON.stringify(measured, null, 2)};
`;
writeFileSync(join(home, 'src/replay/guest-costs.generated.ts'), text);
