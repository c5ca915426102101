/** Memory that a tunnel holds while nothing happens in it. */
import { spreadOf } from '../../stats/spread.ts';
import { type Bar, barChart } from '../bars.ts';
import { type Results, valuesOf } from '../results.ts';
import { told } from '../units.ts';
import { inkOf, type Plot } from './plot.ts';

function barsOf(results: Results): readonly Bar[] {
  return results.subjects.flatMap(({ name: subject, title: label }): readonly Bar[] => {
    const values = valuesOf(results, { workload: 'idle', subject, metric: 'rssPerTunnel' });
    if (values.length === 0) return [];
    const { min, median: value, max } = spreadOf(values);
    return [{ label, ink: inkOf(subject), value, min, max, told: told('rssPerTunnel', value) }];
  });
}

export function idleMemoryPlots(results: Results): readonly Plot[] {
  const bars = barsOf(results);
  if (bars.length === 0) return [];
  const caption = 'Memory of an idle tunnel';
  const subtitle =
    'growth of resident memory for each tunnel, in a fresh process; without what the kernel holds';
  const svg = barChart({ title: caption, subtitle, bars, axis: (value) => `${value / 1000} kB` });
  return [{ name: 'idle-memory', caption, svg }];
}
