/** What the real programs do is asked in test/peers/doctor-bypass.ts. */
import t from 'tap';
import { bypassOf, type ListReader, patternOf } from '#doctor/bypass.ts';

const READERS: readonly ListReader[] = ['curl', 'go', 'python', 'node', 'dotnet'];

/** Who goes past the proxy. */
function past(list: string, host: string, port = 443): string {
  return READERS.filter((reader) => bypassOf(reader, list, { host, port }) !== undefined).join(' ');
}

t.test('bypassOf() reads entries as each runtime does', async (t) => {
  for (const [list, host, expected, port] of [
    ['', 'a.x', ''],
    ['*', 'a.x', 'curl go python node'],
    [' * ', '10.1.2.3', 'curl go python node'],
    ['b,*', 'a.x', 'go node'],
    ['a.x', 'a.x', 'curl go python node dotnet'],
    ['A.X', 'a.x', 'curl go python node dotnet'],
    ['x', 'a.x', 'curl go python node'],
    ['.x', 'a.x', 'curl go python node dotnet'],
    ['.x', 'x', 'curl python node dotnet'],
    ['*.x', 'a.x', 'go node'],
    ['*.x', 'x', ''],
    ['*x', 'ax', 'node'],
    ['x', 'ax', ''],
    ['x.', 'x', 'curl'],
    ['.', 'x', ''],
    ['b a.x', 'a.x', 'curl node'],
    ['b, a.x', 'a.x', 'curl go python node dotnet'],
    ['a.x:443', 'a.x', 'go python node'],
    ['a.x:80', 'a.x', ''],
    ['a.x:80', 'a.x', 'go python node', 80],
    ['10.0.0.0/8', '10.1.2.3', 'curl go python'],
    ['10.0.0.0/8', '11.1.2.3', ''],
    ['10.0.0.0/8', 'a.x', ''],
    ['10.0.0.0/', '10.1.2.3', ''],
    ['10.1.2.3', '10.1.2.3', 'curl go python node dotnet'],
    ['10.0.0.0-10.9.0.0', '10.1.2.3', 'node'],
    ['10.0.0.0-10.1.2.2', '10.1.2.3', ''],
    ['10.0.0.0-10.9.0.0', 'a.x', ''],
    ['2001:db8::/32', '2001:db8::1', 'curl go python'],
    ['2001:db8::1', '2001:db8::1', 'curl go python node dotnet'],
    ['10.0.0.0/8', '2001:db8::1', ''],
  ] as const) {
    t.equal(past(list, host, port), expected, `${list} ${host} ${port ?? ''}`);
  }
});

t.test('bypassOf() tells the entry', async (t) => {
  t.equal(bypassOf('go', 'b.y, X', { host: 'a.x', port: 1 }), 'x');
});

t.test('patternOf() reads the patterns of Java', async (t) => {
  for (const [patterns, host, expected] of [
    ['localhost|127.*|[::1]', '127.0.0.1', '127.*'],
    ['localhost|127.*|[::1]', '::1', '[::1]'],
    ['*.x', 'a.x', '*.x'],
    ['*.x', 'x', undefined],
    ['*b*', 'abc', '*b*'],
    ['X', 'x', 'X'],
    ['x', 'a.x', undefined],
  ] as const) {
    t.equal(patternOf(patterns, { host, port: 443 }), expected, `${patterns} ${host}`);
  }
});
