import t from 'tap';
import { type AclOptions, compileAcl, compileAcls } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseDays, parseHours } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { because } from '#study/because.ts';
import { networks, type SubjectParts, subject } from '../../fixtures/subject.ts';

const TIME = { days: parseDays('mon-fri'), hours: parseHours('09:00-18:00'), timeZone: 'Asia/Shanghai' };

const ACLS: Readonly<Record<string, AclOptions>> = {
  pods: { src: networks('10.0.0.0/24', '10.128.0.0/14') },
  public: { dst: networks('20.0.0.0/8') },
  microsoft: { dstDomains: ['.microsoft.com', 'a.b'].map(parseDomainPattern) },
  ports: { ports: [80, '1025-65535'].map(parsePortRange) },
  tunnels: { methods: ['CONNECT'] },
  doors: { listeners: ['main', 'side'] },
  hours: { time: TIME },
  clock: { time: { hours: parseHours('00:00-12:00') } },
  names: { dstDomainRegex: [parsePattern('login'), parsePattern('soft')] },
  urls: { urlRegex: [parsePattern('^http://a')] },
  plain: { schemes: ['http'] },
  agents: { headers: { 'user-agent': { present: true } } },
  staff: { users: ['alice', 'bob'] },
  api: { namespaces: ['api'] },
  builders: { serviceAccounts: ['builder'] },
  apps: { podLabels: { app: ['api'] } },
  teams: { namespaceLabels: { team: ['a'] } },
  hops: { clientCerts: ['dns:t1.example'] },
  served: { sni: ['.microsoft.com'].map(parseDomainPattern) },
  both: { ports: [parsePortRange(443)], methods: ['CONNECT'] },
};

const ROWS: readonly [acl: string, parts: SubjectParts, said: string][] = [
  ['pods', {}, 'client 10.128.0.7 is in pods (10.128.0.0/14)'],
  ['pods', { client: '192.0.2.1' }, 'client 192.0.2.1 is not in pods'],
  ['public', { destination: '20.1.2.3' }, 'address 20.1.2.3 is in public (20.0.0.0/8)'],
  ['public', { host: '21.1.2.3' }, 'address 21.1.2.3 is not in public'],
  ['public', {}, 'address of login.microsoft.com is not known yet, and public depends on it'],
  ['microsoft', {}, 'host login.microsoft.com is in microsoft (.microsoft.com)'],
  ['microsoft', { host: 'a.b' }, 'host a.b is in microsoft'],
  ['microsoft', { host: 'c.d' }, 'host c.d is not in microsoft'],
  [
    'microsoft',
    { host: '20.1.2.3' },
    'host 20.1.2.3 cannot be judged by dstDomains, so microsoft is unknown',
  ],
  ['ports', { port: 80 }, 'port 80 is in ports'],
  ['ports', { port: 8080 }, 'port 8080 is in ports (1025-65535)'],
  ['ports', {}, 'port 443 is not in ports'],
  ['tunnels', {}, 'method CONNECT is in tunnels'],
  ['tunnels', { method: 'GET' }, 'method GET is not in tunnels'],
  ['doors', { listener: 'main' }, 'listener main is in doors'],
  ['doors', {}, 'listener microsoft is not in doors'],
  ['hours', {}, 'time mon 2026-11-23 10:00 Asia/Shanghai is in hours'],
  ['hours', { at: '2026-11-22T20:00:00Z' }, 'time mon 2026-11-23 04:00 Asia/Shanghai is not in hours'],
  ['clock', { at: '2026-11-22T23:59:59Z' }, 'time sun 2026-11-22 23:59 UTC is not in clock'],
  ['both', {}, 'method CONNECT is in both.methods and port 443 is in both.ports'],
  ['both', { port: 80 }, 'port 80 is not in both.ports'],
  ['names', {}, 'host login.microsoft.com is in names (login)'],
  ['names', { host: 'microsoft.com' }, 'host microsoft.com is in names (soft)'],
  ['urls', {}, 'URL of a CONNECT cannot be judged by urlRegex, so urls is unknown'],
  ['urls', { url: 'http://a/b?secret' }, 'URL http://a/b?[redacted] is in urls (^http://a)'],
  ['plain', {}, 'a CONNECT is not in plain'],
  ['plain', { method: 'GET' }, 'scheme http is in plain'],
  [
    'agents',
    { headers: ['User-Agent', 'secret', 'Accept', '*'] },
    'a head with User-Agent, Accept is in agents',
  ],
  ['agents', {}, 'a head with no fields cannot be judged by headers, so agents is unknown'],
  ['agents', { headers: [] }, 'a head with no fields is not in agents'],
  ['staff', { user: 'bob' }, 'user bob is in staff'],
  ['staff', {}, 'user that is not known cannot be judged by users, so staff is unknown'],
  ['api', { identity: { namespace: 'web' } }, 'namespace web is not in api'],
  ['builders', { identity: { serviceAccount: 'builder' } }, 'service account builder is in builders'],
  ['apps', { identity: { podLabels: new Map([['app', 'api']]) } }, 'pod app=api is in apps'],
  ['apps', { identity: { podLabels: new Map(), hasAllLabels: true } }, 'pod without labels is not in apps'],
  ['apps', {}, 'pod that is not known cannot be judged by podLabels, so apps is unknown'],
  [
    'teams',
    { identity: { namespaceLabels: { labels: new Map([['team', 'b']]), hasAllLabels: true } } },
    'namespace team=b is not in teams',
  ],
  [
    'teams',
    { identity: {} },
    'namespace that is not known cannot be judged by namespaceLabels, so teams is unknown',
  ],
  ['hops', { clientCert: ['dns:t1.example'] }, 'certificate dns:t1.example is in hops'],
  ['hops', {}, 'certificate that is not known cannot be judged by clientCerts, so hops is unknown'],
  ['served', { sni: 'a.b' }, 'server name a.b is not in served'],
  ['all', {}, 'it always holds'],
];

for (const [name, parts, said] of ROWS) {
  t.test(`because() says of ${name} ${JSON.stringify(parts)}: ${said}`, async (t) => {
    const acl = compileAcls(ACLS).get(name);
    t.ok(acl);
    if (acl !== undefined) t.equal(because({ acl, options: ACLS[name], subject: subject(parts) }), said);
  });
}

t.test('because() finds the value that holds among very many', async (t) => {
  const names = Array.from({ length: 10_000 }, (_, i) => `.n${i}.example`).map(parseDomainPattern);
  const options = { dstDomains: names };
  const asked = subject({ host: 'x.n7777.example' });
  t.equal(
    because({ acl: compileAcl('many', options), options, subject: asked }),
    'host x.n7777.example is in many (.n7777.example)',
  );
});

t.test('because() tells a key that it does not know by its name', async (t) => {
  const acl = { ...compileAcl('odd', { methods: ['GET'] }), test: () => Tri.True };
  const known = { ...acl, matchers: [{ key: 'moonPhase', test: () => Tri.True }] };
  t.equal(because({ acl: known, subject: subject() }), 'what "moonPhase" asks about is in odd');
  const later = {
    ...acl,
    test: () => Tri.Unheard,
    matchers: [{ key: 'moonPhase', test: () => Tri.Unheard }],
  };
  t.equal(
    because({ acl: later, subject: subject() }),
    'what "moonPhase" asks about is not known yet, and odd depends on it',
  );
  const options = { moonPhase: [1] } as unknown as AclOptions;
  t.equal(because({ acl: known, options, subject: subject() }), 'what "moonPhase" asks about is in odd');
});
