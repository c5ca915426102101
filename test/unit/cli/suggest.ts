import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const LINE =
  '1795399210.500     12 10.128.0.7 TCP_TUNNEL/200 52311 CONNECT a.example.com:443 - HIER_DIRECT/192.0.2.7 -';
const DENIED = LINE.replace('TCP_TUNNEL/200', 'TCP_DENIED/403').replace('a.example', 'denied.example');

const folder = t.testdir({ 'access.log': `${LINE}\n${LINE.replace('a.ex', 'b.ex')}\n${DENIED}\njunk\n` });
const log = join(folder, 'access.log');

t.test('weir suggest writes rules for what was allowed', async (t) => {
  const { status, stdout, stderr } = await weir('suggest', log);
  t.equal(status, 0);
  t.same(parse(stdout), {
    acls: {
      'suggested-from-1': { src: ['10.128.0.0/24'] },
      'suggested-to-1': {
        methods: ['CONNECT'],
        ports: [443],
        dstDomains: ['a.example.com', 'b.example.com'],
      },
    },
    access: [{ name: 'suggested-1', allow: ['suggested-from-1', 'suggested-to-1'] }],
  });
  t.match(stderr, /access\.log:4: it is neither/);
  t.match(stderr, /^Lines passed over, of other traffic or without a decision: 1$/m);
  t.match(stderr, /^Passed over, it was denied: 1$/m);
  t.match(stderr, /^Lines that are broken: 1$/m);
});

t.test('weir suggest does as its options say', async (t) => {
  const acls = async (...options: string[]) => parse((await weir('suggest', ...options, log)).stdout).acls;
  t.match(await acls('--fold'), { 'suggested-to-1': { dstDomains: ['.example.com'] } });
  t.match(await acls('--denied'), { 'suggested-to-1': { dstDomains: ['denied.example.com'] } });
  t.match(await acls('--network-prefix', '9'), { 'suggested-from-1': { src: ['10.128.0.0/9'] } });
  const json = JSON.parse((await weir('suggest', '--json', log)).stdout);
  t.match(json, { covered: { count: 2 }, rules: [{ ports: [443], hosts: [{ seen: { count: 1 } }, {}] }] });
});

t.test('weir suggest tells of rules that judge by address', async (t) => {
  const byAddress = join(
    t.testdir({ 'address.log': LINE.replace('a.example.com', '192.0.2.7') }),
    'address.log',
  );
  const { status, stdout, stderr } = await weir('suggest', byAddress);
  t.equal(status, 0);
  t.match(parse(stdout).acls, { 'suggested-to-1': { dst: ['192.0.2.7'] } });
  t.equal(stderr, 'Requests for addresses, whose rules need "resolve: here" in routes with peers: 1\n');
});

t.test('weir suggest does not call nothing a policy', async (t) => {
  const ended = await weir('suggest', '--reported', log);
  t.match(ended, { status: 1, stdout: '' });
  t.match(ended.stderr, /^No request to cover$/m);
});

t.test('weir suggest refuses options that make no sense', async (t) => {
  for (const [options, message] of [
    [
      ['--network-prefix', '33'],
      /^Prefix "33" cannot be read, write bits for IPv4 and IPv6 such as 24\/64$/m,
    ],
    [['--network-prefix', '24/129'], /^Prefix "24\/129" cannot be read/m],
    [['--denied', '--reported'], /^Only one of --denied and --reported can be given$/m],
  ] as const) {
    const { status, stdout, stderr } = await run(WEIR, ['suggest', ...options, log]);
    t.match({ status, stdout }, { status: 64, stdout: '' });
    t.match(stderr, message);
  }
});
