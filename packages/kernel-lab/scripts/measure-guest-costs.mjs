// Boots the lab's machine with the measuring program (guest/calibrate.c), and with the agent, and writes what kernel work
// costs in it and what the guest holds:
//   node packages/kernel-lab/scripts/measure-guest-costs.mjs [KERNEL[@SUITE]...]
// KERNEL, SUITE: as `tierlab lab record --kernel --suite` take them, the oldest first; unless given, the goldens' own
// kernel and two newer ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
// Not from the package's index, which stands on the file that this makes.
import { findKernel } from '../dist/boot/debian-kernels.js';
import { defaultCacheDirectory } from '../dist/boot/guest-files.js';
import { measureGuest } from '../dist/boot/measure-costs.js';
import { measureOwnPages } from '../dist/boot/measure-own-pages.js';
import { machineOfRecord } from '../dist/boot/scenario.js';

const home = join(import.meta.dirname, '..');
const golden = JSON.parse(
  gunzipSync(readFileSync(join(home, 'fixtures/goldens/zipf.json.gz'))).toString(),
);
const cacheDirectory = defaultCacheDirectory();
const wanted = ['6.12.107@trixie', '6.18@trixie-backports', '7.2@sid'];
const measured = [];
for (const each of process.argv.length > 2 ? process.argv.slice(2) : wanted) {
  const [version, suite] = each.split('@');
  const kernel = await findKernel(version, { cacheDirectory, ...(suite && { suite }) });
  const options = { kernel, machine: machineOfRecord(golden), cacheDirectory };
  const guest = await measureGuest(options);
  measured.push({ ...guest, facts: { ...guest.facts, ...(await measureOwnPages(options)) } });
}
const text = `// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes under each kernel, measured by guest/calibrate.c and guest/own-pages. */
export const MEASURED_GUESTS: readonly MeasuredGuest[] = ${JSON.stringify(measured, null, 2)};
`;
writeFileSync(join(home, 'src/replay/guest-costs.generated.ts'), text);
