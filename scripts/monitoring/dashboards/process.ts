/** The processes themselves. */
import { type Dashboard, of, perSecond } from '../dashboard.ts';

export const PROCESS_DASHBOARD: Dashboard = {
  uid: 'weir-process',
  title: 'Weir: processes',
  description: 'Processor, memory, files and the event loop of each instance.',
  rows: [
    {
      title: 'Processes',
      panels: [
        {
          title: 'Processor',
          description: 'Cores in use. One process uses one at most.',
          unit: 'short',
          queries: [{ expr: perSecond('process_cpu_seconds_total'), legend: '{{instance}}' }],
        },
        {
          title: 'Memory',
          description: 'As the kernel sees it; a pod that needs more than its limit is killed.',
          unit: 'bytes',
          queries: [{ expr: of('process_resident_memory_bytes'), legend: '{{instance}}' }],
        },
        {
          title: 'JavaScript heap in use',
          description: 'It goes up and down with garbage; what only goes up is a leak.',
          unit: 'bytes',
          queries: [{ expr: of('nodejs_heap_size_used_bytes'), legend: '{{instance}}' }],
        },
        {
          title: 'Open files',
          description: 'As part of the limit. More than 80 % is an alert.',
          unit: 'percentunit',
          queries: [{ expr: `${of('process_open_fds')} / ${of('process_max_fds')}`, legend: '{{instance}}' }],
        },
        {
          title: 'Lag of the event loop',
          description: 'How late the process is, 99th percentile; all that it relays is held up by as much.',
          unit: 's',
          queries: [{ expr: of('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
        },
        {
          title: 'Time in the garbage collector',
          description: 'Part of the time.',
          unit: 'percentunit',
          queries: [
            {
              expr: `sum by (instance) (${perSecond('nodejs_gc_duration_seconds_sum')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Up for',
          description: 'Since the process began. Days that all begin anew are restarts.',
          unit: 's',
          queries: [{ expr: `time() - ${of('process_start_time_seconds')}`, legend: '{{instance}}' }],
        },
        {
          title: 'Workers that crashed',
          description: 'In an hour. It should be 0.',
          unit: 'short',
          queries: [{ expr: `increase(${of('weir_worker_crashes_total')}[1h])`, legend: '{{instance}}' }],
        },
      ],
    },
  ],
};
