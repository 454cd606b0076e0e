// A skewed load for a redis server on PORT: KEYS values are set, then OPERATIONS follow, 90 % GET and 10 % SET, keys
// by a Zipf law of 0.99. Half-way the popularity moves: other keys get hot. Ends the server.
import { connect } from 'node:net';

const [port, keys, operations] = process.argv.slice(2).map(Number);
const VALUE = 'x'.repeat(400);
const PIPELINE = 64;

let state = 1;
const unit = () => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const cumulative = new Float64Array(keys);
let total = 0;
for (let rank = 0; rank < keys; rank++) cumulative[rank] = total += (rank + 1) ** -0.99;
const drawRank = () => {
  const point = unit() * total;
  let [low, high] = [0, keys - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > point) high = middle;
    else low = middle + 1;
  }
  return low;
};
// A prime scatters the ranks over the keys; another one after the shift.
const keyOf = (rank, isLate) => (rank * (isLate ? 7_368_787 : 15_485_863) + 11) % keys;

const socket = await new Promise((resolve, reject) => {
  const attempt = (left) => {
    const one = connect(port, '127.0.0.1');
    one.once('connect', () => resolve(one));
    one.once('error', (error) => (left > 0 ? setTimeout(attempt, 200, left - 1) : reject(error)));
  };
  attempt(100);
});
socket.on('error', () => {});
const replies = { count: 0, wake: () => {} };
let skip = 0;
let pendingLine = '';
socket.on('data', (chunk) => {
  // A reply is a line, and a value after a line that begins with $ and a length.
  for (let at = 0; at < chunk.length;) {
    if (skip > 0) {
      const step = Math.min(skip, chunk.length - at);
      skip -= step;
      at += step;
      if (skip === 0) replies.count++;
      continue;
    }
    pendingLine += String.fromCharCode(chunk[at++]);
    if (!pendingLine.endsWith('\r\n')) continue;
    const length = pendingLine.startsWith('$') ? Number(pendingLine.slice(1)) : -1;
    pendingLine = '';
    if (length >= 0) skip = length + 2;
    else replies.count++;
  }
  replies.wake();
});

const command = (...words) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const send = async (commands) => {
  const wanted = replies.count + commands.length;
  socket.write(commands.join(''));
  while (replies.count < wanted) await new Promise((resolve) => (replies.wake = resolve));
};

for (let first = 0; first < keys; first += PIPELINE) {
  const batch = [];
  for (let key = first; key < Math.min(keys, first + PIPELINE); key++)
    batch.push(command('SET', `key:${key}`, VALUE));
  await send(batch);
}
for (let done = 0; done < operations; done += PIPELINE) {
  const batch = [];
  for (let i = 0; i < PIPELINE; i++) {
    const key = `key:${keyOf(drawRank(), done * 2 > operations)}`;
    batch.push(unit() < 0.9 ? command('GET', key) : command('SET', key, VALUE));
  }
  await send(batch);
}
socket.write(command('SHUTDOWN', 'NOSAVE'));
await new Promise((resolve) => socket.once('close', resolve));
