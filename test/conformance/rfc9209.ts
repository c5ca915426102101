/**
 * RFC 9209, Proxy-Status: one test for each MUST and MUST NOT that binds an intermediary. What is read here is read by the grammar of
 * RFC 8941, and by nothing of Weir's own.
 */
import t from 'tap';
import { REASONS } from '#errors.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { RFC_9209 } from '../fixtures/rfc9209.ts';
import { serve, serveChain } from '../fixtures/served.ts';
import { closedPort } from '../fixtures/sockets.ts';

const TOKEN = String.raw`[A-Za-z*][!#$%&'*+\-.^_\x60|~\w:/]*`;
const STRING = String.raw`"(?:[ !#-\[\]-~]|\\["\\])*"`;
const MEMBER = new RegExp(
  `^(?<name>${TOKEN}|${STRING})(?<parameters>(?:; *[a-z*][a-z0-9_\\-.*]*=(?:${TOKEN}|${STRING}|-?\\d{1,15}))*)$`,
);
const PARAMETER = new RegExp(`; *([a-z*][a-z0-9_\\-.*]*)=(${TOKEN}|${STRING}|-?\\d{1,15})`, 'g');
const SEPARATOR = new RegExp(`((?:${STRING}|[^",])*)(?:,|$)`, 'g');

interface Member {
  readonly name: string;
  /** As they were written, quotes included. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** @throws where the field is no list of tokens and strings with parameters */
function membersOf(field: string | undefined): Member[] {
  const texts = [...(field ?? '').matchAll(SEPARATOR)].map(([, text = '']) => text.trim()).filter(Boolean);
  return texts.map((text) => {
    const groups = MEMBER.exec(text)?.groups;
    if (groups === undefined) throw new Error(`No member of a list: ${text}`);
    const pairs = [...(groups.parameters as string).matchAll(PARAMETER)].map(([, key, value]) => [
      key,
      value,
    ]);
    return { name: groups.name as string, parameters: Object.fromEntries(pairs) };
  });
}

async function statusOf(port: number, request: string) {
  await using client = await RawClient.connect(port);
  client.send(request);
  const answer = await readAnswer(client);
  return { answer, members: membersOf(answer.fields['proxy-status']) };
}

const get = (target: string, fields = ''): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;

t.test(
  '2 Proxy-Status: the first member is the hop that is closest to the origin, and each is a name',
  async (t) => {
    const chain = owned(t, await serveChain(2));
    const { members } = await statusOf(chain.port, get(`http://origin.example:${await closedPort()}/`));
    t.same(
      members.map(({ name }) => name),
      ['t2', 't1'],
    );
  },
);

t.test('2 Proxy-Status: members of others stay as they are, before ours', async (t) => {
  const origin = owned(t, await rawOrigin());
  const trusting = { acls: '{ near: { src: [127.0.0.0/8] } }', hop: '{ trust: { from: [near] } }' };
  const proxy = owned(t, await serve(trusting));
  const asked = statusOf(proxy.port, get(`http://origin.example:${origin.port}/`));
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\nProxy-Status: "a, b";details="c, \\"d\\""\r\nContent-Length: 0\r\n\r\n');
  const { members } = await asked;
  t.match(members, [
    { name: '"a, b"', parameters: { details: '"c, \\"d\\""' } },
    ...proxy.names.map((name) => ({ name, parameters: { 'received-status': '200' } })),
  ]);
});

t.test('2 Proxy-Status: an origin is told nothing of it', async (t) => {
  const origin = owned(t, await rawOrigin());
  const chain = owned(t, await serveChain(2));
  const client = owned(t, await RawClient.connect(chain.port));
  client.send(get(`http://origin.example:${origin.port}/`));
  t.notMatch(await (await origin.accept()).head(), /proxy-status/i);
});

t.test('2.1 Parameters: each has the type that is its own', async (t) => {
  const chain = owned(t, await serveChain(2));
  const { members } = await statusOf(chain.port, get(`http://origin.example:${await closedPort()}/`));
  t.equal(members.length, 2);
  for (const { parameters } of members) {
    const { error, details, 'next-hop': nextHop, 'received-status': status, ...others } = parameters;
    if (error !== undefined) t.match(error, /^[a-z_]+$/, 'error is a token');
    if (details !== undefined) t.match(details, /^"/, 'details is a string');
    if (nextHop !== undefined) t.match(nextHop, /^("|[A-Za-z*])/, 'next-hop is a string or a token');
    if (status !== undefined) t.match(status, /^[1-5]\d\d$/, 'received-status is an integer');
    t.same(others, {}, 'and no other is made up');
  }
});

t.test('2.1.5 details: what a client or a target says is not in it', async (t) => {
  const proxy = owned(t, await serve({ access: '[{ name: no, deny: [all] }]' }));
  const { answer } = await statusOf(proxy.port, get('http://secret.example/?token=s3cr3t', 'X: "s3cr3t\r\n'));
  t.notMatch(answer.fields['proxy-status'] ?? '', /s3cr3t|secret\.example/);
});

t.test('2.3 Error types: each that is sent is registered', async (t) => {
  for (const [reason, { type }] of Object.entries(REASONS))
    if (type !== undefined) t.ok(type in RFC_9209, `${reason}: ${type}`);
});

/** Where another status than the recommended one is sent, and why. */
const OTHER_STATUS: Readonly<Record<string, string>> = {
  name_prohibited: 'a refusal is 403 (docs/adr/0008)',
  address_prohibited: 'a refusal is 403 (docs/adr/0008)',
  peer_auth_required: 'the fault is of the way to the peer (docs/adr/0008)',
  audit_unavailable: 'it passes, and Retry-After says so',
};

t.test('2.3 Error types: the status is the one recommended, or there is a reason', async (t) => {
  for (const [reason, { type, status }] of Object.entries(REASONS)) {
    if (type === undefined || status === 0) continue;
    const recommended = RFC_9209[type];
    if (reason in OTHER_STATUS) t.not(status, recommended, `${reason}: ${OTHER_STATUS[reason]}`);
    else if (typeof recommended === 'number') t.equal(status, recommended, reason);
    else t.ok(status >= 400 && status !== 500, `${reason}: ${status}`);
  }
});

for (const [what, target, answers, error] of [
  ['a target that is malformed', '/', '', 'http_request_error'],
  ['an address that is special', 'http://10.0.0.1/', '', 'destination_ip_prohibited'],
  ['a name that is special', 'http://a.internal/', '', 'destination_ip_prohibited'],
  ['an origin that speaks no HTTP', 'http://HOST/', 'SSH-2.0\r\n', 'http_protocol_error'],
  ['an origin that hangs up', 'http://HOST/', '', 'connection_terminated'],
] as const) {
  t.test(`2.3 Error types: ${what} is ${error}`, async (t) => {
    const origin = owned(t, await tcpOrigin((socket) => socket.end(answers)));
    const proxy = owned(t, await serve());
    const { members } = await statusOf(
      proxy.port,
      get(target.replace('HOST', `origin.example:${origin.port}`)),
    );
    const names = members.map(({ name }) => name);
    t.same(names, proxy.names.slice(-names.length), 'who found it, and who was told of it');
    t.match(members[0], { parameters: { error } });
  });
}
