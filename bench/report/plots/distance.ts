/** How often a client waits for the whole way between the tiers, chain by chain. */
import { type Bar, barChart } from '../bars.ts';
import { wholeSpreadOf } from '../ratio.ts';
import type { Results } from '../results.ts';
import { digits } from '../units.ts';
import { lookOf, type Plot } from './plot.ts';

function barsOf(results: Results): readonly Bar[] {
  return results.subjects.flatMap((told): readonly Bar[] => {
    const trips = wholeSpreadOf(results, {
      workload: 'distance',
      subject: told.name,
      metric: 'openedTrips',
    });
    if (trips === undefined) return [];
    const { label, ink } = lookOf(told);
    return [{ label, ink, value: trips.median, min: trips.min, max: trips.max, told: digits(trips.median) }];
  });
}

export function distancePlots(results: Results): readonly Plot[] {
  const bars = barsOf(results);
  if (bars.length === 0) return [];
  const caption = 'Round trips between the tiers until a client has its 200';
  const svg = barChart({
    title: caption,
    subtitle: `time divided by the round trip, so that work at both ends shows as well; ${results.rounds} rounds, whisker from least to largest`,
    bars,
    axis: String,
  });
  return [{ name: 'distance', caption, svg }];
}
