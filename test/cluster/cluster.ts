/**
 * `npm run test:cluster`: tier 1 at home in a simulated cluster, by the ConfigMap of k8s/base. Pods are addresses of the loopback, the
 * API server is a stand-in, everything else is real: who may leave, whose an address is, a rolling restart under load, both logs.
 * Once with one process for each Weir and once with workers. Exit status 1 unless every line has its ✓.
 */
import { parseArgs } from 'node:util';
import { runCommand } from '../../scripts/lib/command.ts';
import { Claims, unless } from '../fixtures/cluster/claims.ts';
import { Cluster } from '../fixtures/cluster/cluster.ts';
import { Load } from '../fixtures/cluster/load.ts';
import { claimLogs } from '../fixtures/cluster/passed.ts';
import { rollOut } from '../fixtures/cluster/roll-out.ts';
import { reachOrigin, recycle, refuseStrangers } from '../fixtures/cluster/who-asks.ts';
import { within } from '../fixtures/within.ts';

const HELP = `npm run test:cluster [-- OPTIONS]

Shows tier 1 in a simulated cluster, by the ConfigMap of k8s/base: pods that may leave and pods that may not, addresses that change
hands, a rolling restart under load, and that both logs tell who asked. Needs no network but the loopback, and openssl.

  --workers N       only with so many processes of each Weir (otherwise 1, then 4)
  --rate N          tunnels a second (otherwise 200)
  --drain-delay Ns  timeouts.drainDelay in the place of what the ConfigMap says; with 0s requests are lost

Exit status 1 where anything comes out otherwise.`;

interface Options {
  readonly workers: readonly number[];
  readonly rate: number;
  readonly drainDelay: string | undefined;
}

/** Nobody waits for longer. */
const LIMIT_MS = 300_000;
/** A machine that holds less than this part of the rate says so. */
const ENOUGH = 0.95;

function parse(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      workers: { type: 'string' },
      rate: { type: 'string', default: '200' },
      'drain-delay': { type: 'string' },
    },
  });
  if (values.help) return undefined;
  return {
    workers: values.workers === undefined ? [1, 4] : [countIn(values.workers, '--workers')],
    rate: countIn(values.rate, '--rate'),
    drainDelay: values['drain-delay'],
  };
}

function countIn(text: string, option: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`Cannot read ${option} "${text}": not a number above 0`);
  return count;
}

async function play(workers: number, { rate, drainDelay }: Options): Promise<boolean> {
  const claims = new Claims();
  await using cluster = await Cluster.open({ workers, drainDelay });
  await cluster.deploy();
  await claimWatches(cluster, claims, cluster.pods.length);
  const greeted = await reachOrigin(cluster, claims);
  await refuseStrangers(cluster, claims);
  await recycle(cluster, claims);
  await using load = new Load(cluster, rate);
  const rolled = await rollOut(cluster, load, claims);
  await claimWatches(cluster, claims, cluster.pods.length / 2);
  await finish(cluster, claims);
  const passed = [...greeted, ...load.passed, ...rolled.passed];
  claimLogs(cluster, passed, claims);
  const pace =
    load.rate < rate * ENOUGH ? `; this machine held no more than ${load.rate.toFixed(0)} a second` : '';
  const { asked, lost, longestWaitMs } = load;
  console.log(
    `  ${asked} tunnels asked for at ${rate} a second${pace}, ${asked - lost.length} answered, ${rolled.cut} of ` +
      `${rolled.passed.length} long ones cut by the drain, longest wait ${longestWaitMs.toFixed(0)} ms`,
  );
  return claims.hold;
}

/** One for each Weir, however many processes it has; and each has asked for one list, or there was another watch at some time. */
async function claimWatches({ api, pods }: Cluster, claims: Claims, weirs: number): Promise<void> {
  const isSo = await api.untilWatched(weirs).then(
    () => true,
    () => false,
  );
  const { lists } = api.asked;
  claims.claim(`${weirs} Weirs of tier 1 keep ${weirs} watches of pods`, [
    ...unless(isSo, `there are ${api.watches}`),
    ...unless(lists === pods.length, `${pods.length} Weirs have asked for ${lists} lists`),
  ]);
}

/** Has those that are left end, so that their logs are whole. */
async function finish({ pods, tier2 }: Cluster, claims: Claims): Promise<void> {
  const against: string[] = [];
  for (const weir of [...pods.slice(pods.length / 2).map(({ weir }) => weir), tier2]) {
    weir.signal('SIGTERM');
    const { code } = await weir.exited;
    against.push(...unless(code === 0, `one ended with ${code}\n${weir.stderr}`));
  }
  claims.claim('without tunnels the new pods and tier 2 end with 0', against);
}

async function run(options: Options): Promise<boolean> {
  let isGood = true;
  for (const workers of options.workers) {
    console.log(`\nworkers: ${workers}`);
    const beganMs = performance.now();
    isGood = (await within(play(workers, options), () => 'the cluster', LIMIT_MS)) && isGood;
    console.log(`  ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  }
  return isGood;
}

await runCommand({ help: HELP, parse, run });
