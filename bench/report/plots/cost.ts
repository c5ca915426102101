/** Costs of Weir as a multiple of Squid's: one bar for each kind of work, with what is promised. */
import { median } from '../../stats/spread.ts';
import { type Bar, barChart } from '../bars.ts';
import { CONTRACT } from '../contract.ts';
import { type Results, valuesOf } from '../results.ts';
import { digits } from '../units.ts';
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

function goalOf(workload: string, { ours, theirs }: Sides): { readonly goal?: number } {
  const row = CONTRACT.find(
    ({ measured, base }) =>
      measured.workload === workload &&
      measured.metric === 'cpu' &&
      measured.subject === ours &&
      base?.subject === theirs,
  );
  return row === undefined ? {} : { goal: row.must };
}

function barsOf(results: Results, sides: Sides): readonly Bar[] {
  return results.workloads.flatMap(({ name, title }): readonly Bar[] => {
    const ours = valuesOf(results, { workload: name, subject: sides.ours, metric: 'cpu' });
    const theirs = valuesOf(results, { workload: name, subject: sides.theirs, metric: 'cpu' });
    if (ours.length === 0 || theirs.length === 0) return [];
    const each = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
    const value = median(ours) / median(theirs);
    const [min, max] = [Math.min(...each), Math.max(...each)];
    return [
      { label: title, ink: 'weir', value, min, max, told: `${digits(value)} ×`, ...goalOf(name, sides) },
    ];
  });
}

function costPlot(results: Results, sides: Sides): readonly Plot[] {
  const bars = barsOf(results, sides);
  if (bars.length === 0) return [];
  const svg = barChart({
    title: sides.caption,
    subtitle: `shorter is better; ${results.rounds} rounds, whisker from least to largest; green: what is promised`,
    bars,
    mark: { value: 1, label: 'Squid' },
    axis: (value) => `${Number(value.toFixed(2))} ×`,
  });
  return [{ name: sides.name, caption: sides.caption, svg }];
}

export function costPlots(results: Results): readonly Plot[] {
  return [ONE_TIER, TWO_TIERS].flatMap((sides) => costPlot(results, sides));
}
