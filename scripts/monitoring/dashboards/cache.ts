/** Panels of the cache: how much it helps, what it takes, and whether its disk does its work. */
import { of, type Panel, perSecond } from '../dashboard.ts';

export const CACHE: readonly Panel[] = [
  {
    title: 'Cache hit rate',
    description: 'Of requests of plain HTTP that rules with a cache allow; tunnels cannot be cached.',
    unit: 'percentunit',
    needs: 'a rule with a cache',
    queries: [
      {
        expr: `sum(${perSecond('weir_cache_requests_total', 'result=~"hit|stale|revalidated"')}) / sum(${perSecond('weir_cache_requests_total', 'result!="bypass"')})`,
        legend: 'hits',
      },
    ],
  },
  {
    title: 'Cache by result',
    description: 'What became of what could be cached.',
    unit: 'reqps',
    needs: 'a rule with a cache',
    queries: [{ expr: `sum by (result) (${perSecond('weir_cache_requests_total')})`, legend: '{{result}}' }],
  },
  {
    title: 'Kept by the cache',
    description: 'What kept answers take, in memory and on disk.',
    unit: 'bytes',
    queries: [{ expr: `sum by (store) (${of('weir_cache_bytes')})`, legend: '{{store}}' }],
  },
  {
    title: 'Answers kept by the cache',
    description: 'In memory, the URLs of them.',
    unit: 'short',
    queries: [{ expr: `sum by (store) (${of('weir_cache_objects')})`, legend: '{{store}}' }],
  },
  {
    title: 'Faults of the cache on disk',
    description:
      'In five minutes. It should be 0; dropped are answers for which there was no time or no room.',
    unit: 'short',
    needs: 'cache.disk',
    queries: [
      { expr: `sum by (fault) (increase(${of('weir_cache_disk_faults_total')}[5m]))`, legend: '{{fault}}' },
    ],
  },
  {
    title: 'Cache on disk does its work',
    description: 'No: nothing can be written, nothing comes, or it is not used any more.',
    unit: 'bool_yes_no',
    needs: 'cache.disk',
    queries: [{ expr: `min by (instance) (${of('weir_cache_disk_up')})`, legend: '{{instance}}' }],
  },
  {
    title: 'Purges of the cache',
    description: 'That people asked for, in an hour.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (result) (increase(${of('weir_cache_purges_total')}[1h])) or 0 * sum(${of('weir_cache_objects')})`,
        legend: '{{result}}',
      },
    ],
  },
];
