import t from 'tap';
import { isForHost } from '#acl/server-name.ts';
import { parseHost } from '#net/host.ts';

const CASES: readonly [serverName: string | undefined, host: string, expected: boolean][] = [
  ['a.example', 'a.example', true],
  ['A.Example.', 'a.example', true],
  ['xn--bcher-kva.example', 'b\u00fccher.example', true],
  ['b.example', 'a.example', false],
  ['x.a.example', 'a.example', false],
  ['a.example', 'x.a.example', false],
  [undefined, 'a.example', false],
  [undefined, '10.0.0.1', true],
  [undefined, '[2001:db8::1]', true],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.2', '10.0.0.1', false],
  ['a.example', '10.0.0.1', false],
];

for (const [serverName, host, expected] of CASES) {
  t.test(`isForHost() of ${serverName ?? 'no name'} and ${host} is ${expected}`, async (t) => {
    t.equal(
      isForHost(serverName === undefined ? undefined : parseHost(serverName), parseHost(host)),
      expected,
    );
  });
}
