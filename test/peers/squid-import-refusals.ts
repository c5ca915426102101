/** `deny_info`: whom Squid sends elsewhere, Weir refuses with that address in its words; everybody else with its own. */
import t from 'tap';
import { type Asked, emptyOrigin, send, startPair } from '../fixtures/squid-pair.ts';
import { needTool } from '../fixtures/tools.ts';

const LINES = [
  ...[1, 2, 3, 4, 6].map((last) => `acl from${last} src 127.0.0.${last}`),
  'acl get method GET',
  'deny_info http://help.example/one from1',
  'deny_info 303:https://help.example/two from2',
  'deny_info TCP_RESET from3',
  'deny_info http://help.example/four from4',
  'deny_info http://help.example/six from6',
  'http_access deny get from1',
  'http_access deny from2',
  'http_access deny from3',
  'http_access deny from4 get',
  'http_access deny !from6',
  'http_access allow all',
];

/** Status line and Location, and what Weir says to see; `reset` where there is nothing. */
async function answerOf(port: number, request: Asked): Promise<string> {
  await using client = await send(port, request);
  const text = await client.rest();
  const status = text.split(' ')[1];
  const where = /^Location: (\S+)/im.exec(text)?.[1] ?? /\bSee (http\S+)/.exec(text)?.[1];
  return [status ?? 'reset', where].filter(Boolean).join(' ');
}

const ANSWERS: readonly (readonly [
  method: Asked['method'],
  last: number,
  what: string,
  squids: string,
  weirs: string,
])[] = [
  ['GET', 1, 'the last ACL of its line', '302 http://help.example/one', '403 http://help.example/one'],
  ['GET', 2, 'with a status', '303 https://help.example/two', '403 https://help.example/two'],
  ['CONNECT', 2, 'of a CONNECT too', '303 https://help.example/two', '403 https://help.example/two'],
  ['GET', 3, 'a reset', 'reset', '403'],
  ['GET', 4, 'no more where another one is last', '403', '403'],
  ['GET', 5, 'negated, too', '302 http://help.example/six', '403 http://help.example/six'],
  ['GET', 6, 'allowed', '200', '200'],
];

t.test('deny_info', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const { port } = await emptyOrigin(t);
  const { squid, weir, imported } = await startPair(t, program, LINES);
  for (const [method, last, what, squids, weirs] of ANSWERS) {
    const request = { method, host: 'a.example', port, from: `127.0.0.${last}` };
    t.equal(await answerOf(squid.port, request), squids, `Squid: ${what}`);
    t.equal(await answerOf(weir.port, request), weirs, `Weir: ${what}`);
  }
  const told = imported.findings.filter(({ directive }) => directive.startsWith('deny_info'));
  t.match(told, [
    { verdict: 'changed', message: /^Weir redirects nobody/ },
    { verdict: 'changed', message: /^Weir redirects nobody/ },
    { verdict: 'changed', message: /^Weir answers 403 where Squid resets/ },
    { verdict: 'dropped', message: /^No rule that denies ends with its ACL/ },
    { verdict: 'changed', message: /^Weir redirects nobody/ },
  ]);
});
