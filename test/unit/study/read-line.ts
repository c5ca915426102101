import t from 'tap';
import { readLine } from '#study/read-line.ts';

t.test('readLine() tells from the line whose it is', async (t) => {
  const squid = '1795399210.500 8 ::1 TCP_TUNNEL/200 5 CONNECT a.example:443 - HIER_NONE/- -';
  t.match(readLine(squid), { kind: 'decided', by: 'TCP_TUNNEL/200' });
  t.match(readLine(`${squid}\r`), { kind: 'decided' }, 'lines that end as in Windows');
  t.match(readLine('{'), { kind: 'broken', why: 'it is no JSON' });
  t.match(readLine('x'), { kind: 'broken', why: /^it is neither/ });
});

t.test('readLine() makes nothing of an empty line', async (t) => {
  t.equal(readLine(''), undefined);
  t.equal(readLine('\r'), undefined);
});
