/**
 * The status page in a real Chromium, over a real Weir with workers: what it shows is true, it needs no script and breaks no policy of its
 * own, it fits wide and narrow screens in light and dark, keys reach all of it, and what is hostile in a question stays text.
 * `--workers N` has so many processes (otherwise 2); WEIR_SCREENSHOTS names a folder for pictures.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { FAINT_TEXTS, REACHED } from '../fixtures/in-page.ts';
import { echoOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeirBy } from '../fixtures/weir.ts';

t.setTimeout(120_000);
const { workers } = parseArgs({ options: { workers: { type: 'string', default: '2' } } }).values;

const executablePath = await needTool(t, 'chromium');
if (executablePath === undefined) process.exit();
const { chromium } = await import('playwright-core');
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
});
t.teardown(() => browser.close());

const origin = owned(t, await echoOrigin());
/** A peer that answers looks at it, and reaches nothing. */
const blind = await tcpOrigin((socket) => {
  socket.once('data', (head) => {
    const isLook = String(head).startsWith('CONNECT probe.weir.invalid:');
    socket.end(
      `HTTP/1.1 ${isLook ? '200 OK' : '502 Bad Gateway'}\r\nProxy-Status: vm-c; error=connection_refused\r\n\r\n`,
    );
  });
});
owned(t, blind);
const file = join(folderOf(t), 't1.yaml');
writeFileSync(
  file,
  yamlOf({
    name: 't1',
    acls: `{ near: { src: [127.0.0.0/8] }, bad: { dstDomains: [denied.example] }, local: { ports: [${origin.port}] } }`,
    access: `[{ name: never, deny: [bad] }, { name: old-exception, allow: [bad], until: 2020-01-01Z, owner: team-a },
      { name: would-refuse, deny: [local], mode: report }, { name: most, allow: [near], limit: seldom }]`,
    limits: '{ seldom: { per: source, requests: 1/h, burst: 4, tunnels: 100 } }',
    peers: `{ vm-a: { address: "127.0.0.1:9", hop: true, weight: 2 }, vm-b: { address: "127.0.0.1:9", health: {} },
      vm-c: { address: "127.0.0.1:${blind.port}", hop: true, health: { target: "a.example:443" } } }`,
    routes: `[{ name: local, when: [local], direct: true }, { name: blind, when: [bad], peers: [vm-c] }, { name: out, peers: [vm-a, vm-b] }]`,
  }),
);
const weir = await startWeirBy(t, file, '--workers', workers);
const base = `http://127.0.0.1:${weir.adminPort}`;

/** The one that is open and three of these are all that the limit gives. */
const OTHERS = ['a', 'b', 'c', 'd'].map((name) => `${name}.example:443`);

async function connect(target: string): Promise<RawClient> {
  const client = owned(t, await RawClient.connect(weir.port));
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await client.head();
  return client;
}

/** What is to be read there. */
async function said(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).allInnerTexts()).join('\n');
}

/** Waits until the page says so, since counts of workers come with the next scrape. */
async function shows(page: Page, text: RegExp): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await page.goto(`${base}/status`);
    if (text.test(await said(page, 'body'))) return;
  }
  throw new Error(`The page never says ${text}: ${await said(page, 'body')}`);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.WEIR_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

t.test('the page without script tells what is so', async (t) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await connect(`origin.example:${origin.port}`);
  for (const target of ['denied.example:443', 'denied.example:443', ...OTHERS]) await connect(target);
  await shows(page, /never\s+rule_denied\s+Denied\s+2\s/);
  await shows(page, /unreachable by probe[\s\S]*egress failing/);
  const text = await said(page, 'body');
  t.match(text, /t1 Weir\s+ready/);
  t.match(text, /Open tunnels\s+1\s/);
  t.match(text, /most\s+requests_exceeded\s+Too many requests\s+1\s/);
  t.match(text, /peer_unavailable\s+No peer can be reached\s+3\s/);
  t.match(text, /vm-a\s+down\s+127\.0\.0\.1:9\s+Weir\s/);
  t.match(text, /vm-b\s+down, unreachable by probe\s+127\.0\.0\.1:9\s+proxy\s/);
  t.match(text, /vm-c\s+egress failing\s+127\.0\.0\.1:\d+\s+Weir\s/);
  t.match(text, /allow\s+old-exception\s+bad\s+enforce\s+2020-01-01 00:00, over\s+team-a\s+0/);
  t.match(text, /seldom\s+source\s+requests 1\/h, 4 at once, 100 tunnels/);
  t.notMatch(text, /denied\.example|origin\.example/, 'what clients name is not shown');
  t.notOk(
    requests.some((path) => path !== '/status' && path !== '/favicon.ico'),
    'nothing else is fetched',
  );
  await page.fill('input[name=target]', 'denied.example:443');
  await page.fill('input[name=src]', '127.0.0.1');
  await page.press('input[name=src]', 'Enter');
  t.match(await said(page, '[role=status]'), /^denied by rule never/);
  t.match(await said(page, 'tr.decides'), /yes\s+deny\s+never/);
  await context.close();
});

t.test('what is hostile in a question stays text, and what is none is told', async (t) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('400')) faults.push(message.text());
  });
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => faults.push('a dialog')));
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
  const answer = await page.goto(`${base}/explain?src=127.0.0.1&target=${encodeURIComponent(hostile)}`);
  t.equal(answer?.status(), 400);
  t.equal(await page.inputValue('input[name=target]'), hostile);
  t.match(await said(page, '[role=alert]'), /^Target ".*cannot be asked for by CONNECT/s);
  t.equal(await page.locator('script, img').count(), 0);
  t.same(faults, []);
  await page.goto(`${base}/explain?src=127.0.0.1&target=${'x'.repeat(500)}`);
  t.match(await said(page, '[role=alert]'), /too long/);
  await context.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1280]) {
    t.test(
      `in ${colorScheme} on ${width} pixels it fits, and every text can be told from its ground`,
      async (t) => {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const path of ['status', 'explain?target=denied.example:443&src=127.0.0.1']) {
          await page.goto(`${base}/${path}`);
          const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
          t.ok(wide <= width, `${path} is ${wide} wide`);
          t.same(await page.evaluate(FAINT_TEXTS), [], path);
          await picture(page, `${path.slice(0, 6)}-${colorScheme}-${width}`);
        }
        await context.close();
      },
    );
  }
}

t.test('keys reach links, tables and the form, and each shows that it is reached', async (t) => {
  const page = await browser.newPage({ viewport: { width: 360, height: 900 } });
  await page.goto(`${base}/status`);
  const reached: string[] = [];
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push(String(await page.evaluate(REACHED)));
  }
  for (const one of [
    'A  solid',
    'DIV Policy, in order solid',
    'INPUT target solid',
    'INPUT at solid',
    'BUTTON  solid',
  ])
    t.ok(reached.includes(one), `${one}: ${reached.join(', ')}`);
  await page.goto(`${base}/status?live`);
  t.equal(await page.locator('meta[http-equiv=refresh]').getAttribute('content'), '5');
  await page.close();
});
