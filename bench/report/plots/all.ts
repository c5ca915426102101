/** Every plot that a run has the numbers for. */
import type { Results } from '../results.ts';
import { costPlots } from './cost.ts';
import { distancePlots } from './distance.ts';
import { growthPlots } from './growth.ts';
import { latencyPlots } from './latency.ts';
import type { Plot } from './plot.ts';

export function plotsOf(results: Results): readonly Plot[] {
  return [costPlots, latencyPlots, distancePlots, growthPlots].flatMap((plots) => plots(results));
}
