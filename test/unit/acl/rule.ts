import t from 'tap';
import { compileRule, evaluateRule, type RuleOptions } from '#acl/rule.ts';
import { compileAcls } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { Tri } from '#match/tri.ts';
import { ip, networks, subject } from '../../fixtures/subject.ts';

const ACLS = compileAcls({
  microsoft: { dstDomains: [parseDomainPattern('.microsoft.com')] },
  trace: { methods: ['OPTIONS', 'TRACE'] },
  get: { methods: ['GET'] },
});

t.test('compileRule() compiles a rule that allows', async (t) => {
  const rule = compileRule(
    {
      name: 'login',
      allow: ['microsoft', '!all'],
      limit: 'few',
      onRevoke: { act: 'cut' },
      upgrade: ['WebSocket', 'h2c'],
    },
    3,
    ACLS,
  );
  t.match(rule, { name: 'login', index: 3, action: 'allow', condition: { namesDomain: true } });
  t.same(
    rule.condition.literals.map(({ text }) => text),
    ['microsoft', '!all'],
  );
  t.same(rule.upgrade, new Set(['websocket', 'h2c']));
  t.equal(rule.limit, 'few');
  t.same(rule.onRevoke, { act: 'cut' });
  t.ok(Object.isFrozen(rule));
});

t.test('compileRule() compiles a rule that denies', async (t) => {
  const rule = compileRule({ name: 'rest', deny: ['all'] }, 0, ACLS);
  t.match(rule, { name: 'rest', index: 0, action: 'deny', condition: { namesDomain: false } });
  t.same(rule.upgrade, new Set());
  t.equal(rule.limit, undefined);
  t.same(rule.onRevoke, { act: 'drain', ms: 300_000 });
});

t.test('compileRule() fills in what is not said', async (t) => {
  t.match(compileRule({ name: 'x', allow: ['all'] }, 0, ACLS), {
    mode: 'enforce',
    untilMs: Number.POSITIVE_INFINITY,
    owner: undefined,
    ticket: undefined,
    message: undefined,
    allowPrivate: undefined,
    narrows: false,
    onRevoke: { act: 'drain', ms: 300_000 },
    limit: undefined,
    cache: false,
    sni: 'off',
  });
});

t.test('compileRule() keeps every option', async (t) => {
  const options: Partial<RuleOptions> = {
    mode: 'report',
    owner: 'platform-team',
    ticket: 'NET-1',
    message: 'Ask us',
    narrows: true,
    onRevoke: { act: 'cut' },
    limit: 'per_namespace',
    cache: true,
    sni: 'verify',
  };
  const rule = compileRule(
    { ...options, name: 'x', allow: ['all'], until: 7, allowPrivate: networks('10.0.0.0/8') },
    0,
    ACLS,
  );
  t.match(rule, { ...options, untilMs: 7 });
  t.equal(rule.allowPrivate?.has(ip('10.1.2.3')), true);
  t.equal(rule.allowPrivate?.has(ip('11.1.2.3')), false);
});

t.test('compileRule() wants ACLs under exactly one action', async (t) => {
  const message = 'Rule "odd" needs ACLs under exactly one of "allow" and "deny"';
  for (const options of [
    {},
    { allow: [] },
    { deny: [] },
    { allow: [], deny: [] },
    { allow: ['all'], deny: ['all'] },
  ]) {
    t.throws(() => compileRule({ name: 'odd', ...options }, 0, ACLS), { message }, JSON.stringify(options));
  }
  t.equal(compileRule({ name: 'even', allow: ['all'], deny: [] }, 0, ACLS).action, 'allow');
});

t.test('compileRule() refuses an ACL that is not defined', async (t) => {
  t.throws(() => compileRule({ name: 'login', allow: ['microsft'] }, 0, ACLS), {
    message: /"microsft" is not defined/,
  });
});

// Attacks: default-deny.
t.test('evaluateRule() lets what is unknown fail in an allow and hold in a deny', async (t) => {
  const address = subject({ host: '10.0.0.1' });
  for (const acl of ['microsoft', '!microsoft']) {
    t.equal(
      evaluateRule(compileRule({ name: 'a', allow: [acl] }, 0, ACLS), address),
      Tri.False,
      `allow ${acl}`,
    );
    t.equal(evaluateRule(compileRule({ name: 'd', deny: [acl] }, 0, ACLS), address), Tri.True, `deny ${acl}`);
  }
});

t.test(
  'evaluateRule() allows TRACE only where the rule names it, and denies it as any other method',
  async (t) => {
    const trace = subject({ method: 'TRACE' });
    const allows = (...acls: string[]): Tri =>
      evaluateRule(compileRule({ name: 'a', allow: acls }, 0, ACLS), trace);
    t.equal(allows('all'), Tri.False);
    t.equal(allows('microsoft'), Tri.False);
    t.equal(allows('microsoft', '!get'), Tri.False, 'not the others is no name');
    t.equal(allows('microsoft', 'get'), Tri.False);
    t.equal(allows('microsoft', 'trace'), Tri.True);
    t.equal(evaluateRule(compileRule({ name: 'd', deny: ['all'] }, 0, ACLS), trace), Tri.True);
  },
);

t.test('evaluateRule() never holds from the moment of its end on', async (t) => {
  const until = Date.parse('2026-11-23T02:00:00Z');
  for (const action of ['allow', 'deny']) {
    const rule = compileRule({ name: 'pilot', [action]: ['all'], until }, 0, ACLS);
    const at = (moment: string): Tri => evaluateRule(rule, subject({ at: moment }));
    t.equal(at('2026-11-23T01:59:59.999Z'), Tri.True, `${action} before`);
    t.equal(at('2026-11-23T02:00:00.000Z'), Tri.False, `${action} at its end`);
    t.equal(at('2027-01-01T00:00:00.000Z'), Tri.False, `${action} after`);
  }
});
