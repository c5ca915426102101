import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

/** ACL, rules and what is told of an ACL by url_regex. */
async function ofUrls(t: Parameters<typeof imported>[0], expressions: string) {
  const lines = [`acl x url_regex ${expressions}`, 'http_access deny x', 'http_access allow all'];
  return imported(t, lines);
}

t.test('ofTunnels(): what is never found in host and port is about plain HTTP alone, and told', async (t) => {
  const found = await ofUrls(t, '\\.exe$ \\.zip$ /a /b');
  t.same(
    rulesOf(found).filter((rule) => !rule.includes('!tunnels')),
    ['allow all'],
  );
  t.match(toldOf(found, 1), [
    /^same "\\\.exe\$", "\\\.zip\$", "\/a" and 1 more: never found in the host and port of a CONNECT/,
  ]);
});

t.test('ofTunnels(): names and ports are ACLs of CONNECT', async (t) => {
  const found = await ofUrls(t, 'evil :8443$ \\.com:443$');
  t.match(found.config.acls, {
    'x-host': { dstDomainRegex: ['evil'] },
    'x-host-2': { ports: [8443] },
    'x-host-3': { dstDomainRegex: ['\\.com$'], ports: [443] },
  });
  t.match(rulesOf(found), [
    /!tunnels/,
    /!tunnels/,
    'deny tunnels x-host',
    'deny tunnels x-host-2',
    'deny tunnels x-host-3',
    'allow all',
  ]);
  t.match(toldOf(found, 1), [/^changed Of a CONNECT Squid looks at host and port/]);
});

t.test('ofTunnels(): what is found in every host and port is every CONNECT', async (t) => {
  const found = await ofUrls(t, '.*');
  t.ok(rulesOf(found).includes('deny tunnels'));
});

t.test('ofTunnels(): what cannot be said refuses every CONNECT, and is told', async (t) => {
  const many = Array.from({ length: 17 }, (_, index) => `a${index}:443$`).join(' ');
  for (const expressions of ['80', many]) {
    const found = await ofUrls(t, expressions);
    t.ok(rulesOf(found).includes('deny tunnels'), expressions);
    t.match(toldOf(found, 2)[0], /^dangerous Every CONNECT is denied from here on/);
  }
});
