/** What two tiers add to the opening of a tunnel, which their design guessed at: a section of docs/performance.md, from what was measured. */
import { median } from '../stats/spread.ts';
import { type Results, valuesOf } from './results.ts';
import { markdownTable } from './text.ts';
import { told } from './units.ts';

/** What the design reckoned with. */
const GUESS = '50 to 100 ms';

/** Of what is measured side by side on one machine; the first is what it takes without two tiers. */
const NEAR: readonly (readonly [subject: string, words: string])[] = [
  ['relay', 'a bare relay in the place of both, which decides nothing'],
  ['weir', 'one tier'],
  ['weir-two-tier', 'two tiers'],
  ['squid-two-tier', 'two tiers of Squid'],
];
/** With the whole way between the tiers. */
const FAR: readonly (readonly [subject: string, words: string])[] = [
  ['weir-two-tier', 'two tiers'],
  ['weir-tls-two-tier', 'two tiers, mutual TLS between them'],
  ['weir-tls-cold-two-tier', 'the same without `standby`'],
  ['squid-two-tier', 'two tiers of Squid'],
];

const TEXT = {
  near: 'Tiers on one machine, 200 tunnels a second, from the client’s `connect` until its first 64 bytes have come back from the origin (`npm run bench -- --only latency`):',
  far: 'Tiers 20 ms apart, from the client’s `connect` until its 200 (`npm run bench -- --only distance`):',
  scope:
    'In it: to take the connection and the request, the rules of both tiers, the choice of a peer, the dial of the origin, both records, and the first bytes both ways. Not in it: the network between pod, VM and origin, but for the 20 ms where they are named; the look-up of the proxy’s name, and of a target that is in no cache; TLS of the client with the origin; a `strict` audit trail, which has a new tunnel wait for its line, some 5 ms at most while the disk is well; and an overloaded machine. Bytes of an open tunnel are handed on as they come; what that costs is [below](#every-measurement).',
} as const;

type Reading = readonly [results: Results, workload: string, subject: string];

function middle([results, workload, subject]: Reading, metric: 'p50' | 'p99' | 'opened' | 'openedTrips') {
  const values = valuesOf(results, { workload, subject, metric });
  return values.length === 0 ? undefined : median(values);
}

/** The first run that has measured it. */
const runOf = (runs: readonly Results[], workload: string, subject: string): Results | undefined =>
  runs.find(
    (run) =>
      valuesOf(run, { workload, subject, metric: workload === 'latency' ? 'p50' : 'opened' }).length > 0,
  );

/** The section, where these runs have measured both; else nothing. */
export function addedLatency(runs: readonly Results[]): readonly string[] {
  const near = runOf(runs, 'latency', 'weir-two-tier');
  const far = runOf(runs, 'distance', 'weir-two-tier');
  if (near === undefined || far === undefined) return [];
  return [
    '## What two tiers add',
    `The design reckoned with ${GUESS} that two proxies on the way would add. Measured it is ${answer(near, far)}`,
    TEXT.near,
    nearTable(near),
    TEXT.far,
    farTable(far),
    TEXT.scope,
  ];
}

function answer(near: Results, far: Results): string {
  const two = middle([near, 'latency', 'weir-two-tier'], 'p50') ?? 0;
  const relay = middle([near, 'latency', 'relay'], 'p50');
  const trips = middle([far, 'distance', 'weir-two-tier'], 'openedTrips') ?? 0;
  const more =
    relay === undefined ? '' : `, ${told('p50', two - relay)} more than through a relay that decides nothing`;
  return `${told('p50', two)} for the whole of it${more}; and beside that the way between the tiers, ${told('openedTrips', trips)} round trips of it. So it comes to ${GUESS} only where the tiers are about as far apart as that.`;
}

function nearTable(near: Results): string {
  const rows = NEAR.flatMap(([subject, words]) => {
    const [p50, p99] = (['p50', 'p99'] as const).map((metric) => middle([near, 'latency', subject], metric));
    return p50 === undefined || p99 === undefined ? [] : [[words, told('p50', p50), told('p99', p99)]];
  });
  return markdownTable({ head: ['', 'p50', 'p99'], rows });
}

function farTable(far: Results): string {
  const rows = FAR.flatMap(([subject, words]) => {
    const reading: Reading = [far, 'distance', subject];
    const [opened, trips] = [middle(reading, 'opened'), middle(reading, 'openedTrips')];
    return opened === undefined || trips === undefined
      ? []
      : [[words, told('opened', opened), told('openedTrips', trips)]];
  });
  return markdownTable({ head: ['', 'to the 200', 'round trips'], rows });
}
