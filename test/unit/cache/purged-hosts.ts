import t from 'tap';
import { parsePurgeTarget } from '#cache/purge-target.ts';
import { PurgedHosts } from '#cache/purged-hosts.ts';

t.test('the last purge of a host stands, at any port or at one', async (t) => {
  const hosts = new PurgedHosts();
  t.equal(hosts.of('http://a.example/'), undefined);
  hosts.put(parsePurgeTarget('A.example'), 1);
  hosts.put(parsePurgeTarget('a.example:81'), 2);
  t.same(hosts.of('http://a.example/x?y'), { host: 'a.example', atMs: 1 });
  t.same(hosts.of('http://a.example:8080/'), { host: 'a.example', atMs: 1 });
  t.same(hosts.of('http://a.example:81/'), { host: 'a.example:81', atMs: 2 });
  hosts.put(parsePurgeTarget('a.example'), 3);
  t.same(hosts.of('http://a.example:81/'), { host: 'a.example', atMs: 3 });
  for (const url of ['http://a.example.evil/', 'http://www.a.example/', 'http://example/'])
    t.equal(hosts.of(url), undefined, url);
});

t.test('so many hosts are remembered, and the oldest goes', async (t) => {
  const hosts = new PurgedHosts();
  for (let i = 0; i < 256; i += 1) hosts.put(parsePurgeTarget(`h${i}.example`), i);
  hosts.put(parsePurgeTarget('h0.example'), 256);
  hosts.put(parsePurgeTarget('one-more.example'), 257);
  t.match(hosts.of('http://h0.example/'), { atMs: 256 }, 'purged anew it is no more the oldest');
  t.equal(hosts.of('http://h1.example/'), undefined);
  t.match(hosts.of('http://h2.example/'), { atMs: 2 });
});
