import t from 'tap';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { isLoopback } from '#net/loopback.ts';

const ADDRESSES = { '127.0.0.1': true, '127.255.0.9': true, '::1': true, '128.0.0.1': false, '::2': false };

for (const [text, expected] of Object.entries(ADDRESSES)) {
  t.test(`isLoopback(): ${text}`, async (t) => t.equal(isLoopback(parseIp(text) as IpAddress), expected));
}
