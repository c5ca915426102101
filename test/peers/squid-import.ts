/**
 * A squid.conf means the same to Squid and, through the importer, to Weir: random policies are given to a real Squid and to
 * Weir, every request is sent to both, and where the verdicts differ the report has to have named the difference.
 *
 * WEIR_SQUID_IMPORT=200x50 makes it 200 policies with 50 requests each (npm run test:squid-import), and =200x50@7 begins the
 * chances at 7.
 */
import process from 'node:process';
import t, { type Test } from 'tap';
import type { Imported } from '#migrate/import-squid.ts';
import { chanceOf } from '../fixtures/chance.ts';
import { folderOf } from '../fixtures/owned.ts';
import { startProxy } from '../fixtures/proxy.ts';
import type { Squid } from '../fixtures/squid.ts';
import { emptyOrigin, importLines, startSquid, statusOf, testable } from '../fixtures/squid-pair.ts';
import { HOSTS, type PolicyRequest, randomPolicy, randomRequest } from '../fixtures/squid-policy.ts';
import { needTool } from '../fixtures/tools.ts';

type Verdict = 'allow' | 'deny';

const [, POLICIES = '20', REQUESTS = '20', SEED = '20261128'] =
  /^(\d+)x(\d+)(?:@(\d+))?$/.exec(process.env.WEIR_SQUID_IMPORT ?? '') ?? [];

/** How many of each there were, so that a test of nothing does not pass. */
const tally = { same: 0, named: 0, allow: 0, deny: 0 };

/** What one proxy says to one request. */
async function ask(port: number, request: PolicyRequest): Promise<Verdict> {
  const status = await statusOf(port, request);
  if (status === '403') return 'deny';
  if (status === '200') return 'allow';
  throw new Error(`${JSON.stringify(request)} is answered by ${status}`);
}

/** Whether the report told that such a request may be judged otherwise. */
function isNamed({ findings }: Imported, request: PolicyRequest, weirs: Verdict): boolean {
  const told = (words: string): boolean =>
    findings.some(
      ({ verdict, message }) => (verdict === 'changed' || verdict === 'dangerous') && message.includes(words),
    );
  // What is not known is never a reason to let something pass.
  const isTunnel = request.method === 'CONNECT';
  const unjudged = isTunnel ? 'Weir has no URL there' : 'Squid undoes %-escapes';
  if (isTunnel || request.path.includes('%')) {
    if (weirs === 'deny' && told(unjudged)) return true;
  }
  if (weirs === 'deny' && told('too many to write out')) return true;
  if (request.host.startsWith('127.')) return weirs === 'deny' && told('that is an IP address');
  const addresses = HOSTS[request.host.toLowerCase()] ?? [];
  return addresses.length > 1 && told('Weir judges each address');
}

async function compare(t: Test, lines: readonly string[], parts: Parts): Promise<void> {
  const { squid, folder, requests } = parts;
  const imported = await importLines(folder, lines);
  await squid.reconfigure(lines);
  await using weir = await startProxy(testable(imported));
  const answers = await Promise.all(
    requests.map(async (request) => {
      const [squids, weirs] = await Promise.all([ask(squid.port, request), ask(weir.port, request)]);
      return { request, squids, weirs };
    }),
  );
  for (const { request, squids, weirs } of answers) {
    tally[squids] += 1;
    if (squids === weirs) tally.same += 1;
    else if (isNamed(imported, request, weirs)) tally.named += 1;
    else
      t.fail('the verdicts differ, and the report does not say so', {
        request,
        squids,
        weirs,
        lines,
        yaml: imported.yaml,
      });
  }
  t.equal(
    imported.findings.filter(({ verdict }) => verdict === 'error').length,
    0,
    'the report names no error',
  );
}

interface Parts {
  readonly squid: Squid;
  readonly folder: string;
  readonly requests: readonly PolicyRequest[];
}

// The long run takes minutes.
t.setTimeout(60_000 + Number(POLICIES) * Number(REQUESTS) * 50);

t.test('policies mean the same to Squid and to Weir', async (t) => {
  t.setTimeout(0);
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const origins = await Promise.all([1, 2, 3].map(() => emptyOrigin(t)));
  const squid = await startSquid(t, program);
  const folder = folderOf(t);
  const ports = origins.map(({ port }) => port);
  for (let index = 0; index < Number(POLICIES); index += 1) {
    const world = { chance: chanceOf((Number(SEED) + index) * 2_654_435_761), ports, now: new Date() };
    const lines = randomPolicy(world);
    const requests = Array.from({ length: Number(REQUESTS) }, () => randomRequest(world));
    await compare(t, lines, { squid, folder, requests });
  }
  const all = tally.allow + tally.deny;
  t.comment(`${all} requests: ${JSON.stringify(tally)}`);
  t.ok(tally.allow > all / 10, 'Squid allowed some');
  t.ok(tally.deny > all / 10, 'and denied some');
  t.ok(tally.named < all / 5, 'and few differ, each of them named');
});
