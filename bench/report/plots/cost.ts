/** Costs of Weir as a multiple of Squid's: one bar for each kind of work, with what is promised. */
import { type Bar, barChart } from '../bars.ts';
import { CONTRACT } from '../contract.ts';
import { ratioOf } from '../ratio.ts';
import type { Query, Results } from '../results.ts';
import { digitsBeside } from '../units.ts';
import type { Plot } from './plot.ts';

interface Sides {
  readonly name: string;
  readonly caption: string;
  readonly ours: string;
  readonly theirs: string;
}

const ONE_TIER: Sides = {
  name: 'cost-one-tier',
  caption: 'Processor time of Weir as a multiple of Squid’s',
  ours: 'weir',
  theirs: 'squid',
};
const TWO_TIERS: Sides = {
  name: 'cost-two-tiers',
  caption: 'Processor time of two tiers of Weir as a multiple of two Squids’',
  ours: 'weir-two-tier',
  theirs: 'squid-two-tier',
};
const TLS: Sides = {
  name: 'cost-two-tiers-tls',
  caption: 'Processor time of two tiers of Weir as a multiple of two Squids’, with TLS between them',
  ours: 'weir-tls-two-tier',
  theirs: 'squid-tls-two-tier',
};

function goalOf(workload: string, { ours, theirs }: Sides): number | undefined {
  return CONTRACT.find(
    ({ measured, base }) =>
      measured.workload === workload &&
      measured.metric === 'cpu' &&
      measured.subject === ours &&
      base?.subject === theirs,
  )?.must;
}

function barsOf(results: Results, sides: Sides): readonly Bar[] {
  return results.workloads.flatMap(({ name, title }): readonly Bar[] => {
    const cost = (subject: string): Query => ({ workload: name, subject, metric: 'cpu' });
    const ratio = ratioOf(results, cost(sides.ours), cost(sides.theirs));
    if (ratio === undefined) return [];
    const { median: value, min, max } = ratio;
    const goal = goalOf(name, sides);
    const told = `${digitsBeside(value, goal === undefined ? [] : [goal])} ×`;
    return [{ label: title, ink: 'weir', value, min, max, told, ...(goal === undefined ? {} : { goal }) }];
  });
}

function costPlot(results: Results, sides: Sides): readonly Plot[] {
  const bars = barsOf(results, sides);
  if (bars.length === 0) return [];
  const svg = barChart({
    title: sides.caption,
    subtitle: `shorter is better; ${results.rounds} rounds, whisker from least to largest; green mark: what is promised; no mark: nothing is promised`,
    bars,
    mark: { value: 1, label: 'Squid' },
    axis: (value) => `${Number(value.toFixed(2))} ×`,
  });
  return [{ name: sides.name, caption: sides.caption, svg }];
}

export function costPlots(results: Results): readonly Plot[] {
  return [ONE_TIER, TWO_TIERS, TLS].flatMap((sides) => costPlot(results, sides));
}
