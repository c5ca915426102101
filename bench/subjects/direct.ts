/** Nothing at all between generator and origin: the floor under every latency and the ceiling over every throughput. */
import { HOST, type Subject } from './subject.ts';

export const direct: Subject = {
  name: 'direct',
  title: 'direct',
  story: 'no proxy: the floor of every latency',
  start: async () => ({ host: HOST, pids: [], [Symbol.asyncDispose]: async () => {} }),
};
