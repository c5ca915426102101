import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { configText } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const SQUID =
  '1795399210.500     12 10.128.0.7 TCP_TUNNEL/200 52311 CONNECT a.example:443 - HIER_DIRECT/192.0.2.7 -';
const CHANGES = SQUID.replace(':443', ':8443');

const folder = t.testdir({
  'new.yaml': configText(),
  'same.log': `${SQUID}\n`,
  'packed.gz': gzipSync(`${SQUID}\n${CHANGES}\n`),
  'cut.gz': gzipSync(`${SQUID}\n`.repeat(5)).subarray(0, 60),
  'bad.log': `${'junk\u001b[2J\n'.repeat(7)}${SQUID}\n`,
});
const at = (name: string): string => join(folder, name);

t.test('weir replay says that nothing would change', async (t) => {
  const { status, stdout, stderr } = await weir('replay', '-c', at('new.yaml'), at('same.log'));
  t.equal(status, 0);
  t.equal(stderr, '', 'no bar without a terminal');
  t.match(stdout, /^1 line, 1 judged by policy [0-9a-f]{64}\n0 would change, 1 would not\n$/);
});

t.test('weir replay says what would change, from files and standard input, packed or not', async (t) => {
  const { status, stdout } = await weir('replay', '-c', at('new.yaml'), at('same.log'), at('packed.gz'));
  t.equal(status, 1);
  t.match(stdout, /^3 lines, 3 judged .*\n1 would change/);
  t.match(stdout, /^ {4}10\.128\.0\.7 CONNECT a\.example:8443, was TCP_TUNNEL\/200: 1, /m);
  const input = `${SQUID}\n${CHANGES}\n${CHANGES}`;
  const piped = await run(WEIR, ['replay', '-c', at('new.yaml'), '--json', '-'], { input });
  t.equal(piped.status, 1);
  t.match(JSON.parse(piped.stdout), {
    lines: 3,
    changes: [{ to: 'deny', rule: null, requests: { rows: [{ port: 8443, count: 2 }] } }],
  });
});

t.test('weir replay counts broken lines, shows the first, and goes on', async (t) => {
  const { status, stdout, stderr } = await weir('replay', '-c', at('new.yaml'), at('bad.log'));
  t.equal(status, 0);
  t.match(stdout, /^8 lines, 1 judged .*\n0 would change, 1 would not\n7 broken\n$/);
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.length, 6);
  t.match(lines[4], /bad\.log:5: it is neither Weir's JSON nor Squid's/);
  t.equal(lines[5], 'and 2 more broken lines');
});

t.test('weir replay finds fault with a log that breaks off, and with one that shows nothing', async (t) => {
  const cut = await weir('replay', '-c', at('new.yaml'), at('cut.gz'), at('same.log'));
  t.equal(cut.status, 1);
  t.match(cut.stderr, /cut\.gz: breaks off after line \d+: unexpected end of file\n$/);
  t.match(cut.stdout, /0 would change/);
  const empty = await run(WEIR, ['replay', '-c', at('new.yaml'), '-'], { input: '' });
  t.match(empty, { status: 1, stderr: 'No line could be judged\n' });
});

t.test('weir replay refuses what it cannot do before it reads', async (t) => {
  const rows: readonly [string[], number, RegExp][] = [
    [[at('same.log')], 64, /^Missing required argument: config$/m],
    [['-c', at('new.yaml')], 64, /^Missing argument: logs, as in "weir replay <logs..>"$/m],
    [['-c', at('new.yaml'), '-', '-'], 64, /^Standard input can be read only once$/m],
    [['-c', at('new.yaml'), at('none.log')], 66, /^Cannot read log ".*none\.log": no such file$/m],
    [['-c', at('new.yaml'), folder], 66, /^Cannot read log ".*": it is a directory$/m],
    [['-c', at('new.yaml'), at('same.log'), '--top', 'x'], 64, /^Option --top is a count, .* and not "x"$/m],
    [['-c', at('same.log'), at('same.log')], 78, /same\.log:1:1: /],
  ];
  for (const [args, status, message] of rows) {
    const ended = await run(WEIR, ['replay', ...args], { input: '' });
    t.equal(ended.status, status, args.join(' '));
    t.match(ended.stderr, message);
    t.equal(ended.stdout, '');
  }
});
