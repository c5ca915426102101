/** By the admin server; how it looks and works in a browser is in test/browser. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { startTestAdmin } from '../../../fixtures/admin.ts';
import { yamlOf } from '../../../fixtures/proxy.ts';

const config = await parseConfig(
  yamlOf({
    name: 't1',
    acls: '{ bad: { dstDomains: [denied.example] } }',
    access: '[{ name: never, deny: [bad] }, { name: most, allow: [all] }]',
  }),
  {},
);
const start = () => startTestAdmin({ inForce: () => ({ config }) });

t.test('/status is HTML with a strict policy, and / is too for a browser', async (t) => {
  await using fixture = await start();
  const page = await fixture.get('/status');
  t.equal(page.status, 200);
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  const text = await page.text();
  t.notMatch(text, /<script|style="|https?:/i);
  t.match(text, /No peers:/);
  t.match(text, /Nothing was refused/);
  t.match(text, /Nothing failed/);
  const browser = await fixture.get('/', { headers: { accept: 'text/html,*/*' } });
  t.match(await browser.text(), /^<!doctype html>/);
  t.match(await (await fixture.get('/')).text(), /^\/status /m);
});

t.test('/status shows why it is not ready, and is not there without a configuration', async (t) => {
  await using fixture = await start();
  fixture.health.ready = false;
  fixture.health.reasons = ['<no peer>'];
  t.match(await (await fixture.get('/status?live')).text(), /not ready<\/span>: &lt;no peer&gt;/);
  await using bare = await startTestAdmin();
  for (const path of ['/status', '/explain']) t.equal((await bare.get(path)).status, 404);
});

t.test('/explain answers by the logic of weir explain, and looks no name up', async (t) => {
  await using fixture = await start();
  const denied = await fixture.get('/explain?src=10.0.0.1&target=denied.example:443');
  t.equal(denied.status, 200);
  t.match(await denied.text(), /<strong class="bad">denied<\/strong> by rule never/);
  const allowed = await fixture.get(
    '/explain?src=10.0.0.1&target=a.example:443&label=a%3Db&at=2026-11-23T10:00Z',
  );
  t.match(await allowed.text(), /<strong class="good">allowed<\/strong> by rule most, route out/);
  const plain = await fixture.get('/explain?src=10.0.0.1&target=http://a.example/');
  t.match(await plain.text(), /<span class="dim">cache: not used, rule most has no &quot;cache: true&quot;</);
  t.equal((await fixture.get('/explain')).status, 200);
  for (const query of [
    'target=a',
    'src=x&target=a:1',
    'label=x&src=10.0.0.1&target=a:1',
    `src=${'1'.repeat(400)}`,
  ]) {
    const refused = await fixture.get(`/explain?${query}`);
    t.equal(refused.status, 400, query);
    t.match(await refused.text(), /role="alert"/);
  }
  for (const [query, missing] of [
    ['target=&src=&namespace=', /Target is missing, write one such as login\.microsoft\.com:443/],
    ['target=%20&src=10.0.0.1', /Target is missing/],
    ['target=a.example:443&src=', /Client address is missing, write one such as 10\.128\.0\.7/],
    ['user=alice', /Target is missing/],
  ] as const) {
    const refused = await fixture.get(`/explain?${query}`);
    t.equal(refused.status, 400, query);
    t.match(await refused.text(), missing);
  }
  t.equal((await fixture.get('/explain?live')).status, 200, 'what asks nothing has the form');
});
