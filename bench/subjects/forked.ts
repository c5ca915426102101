/** Subjects that are a few lines of our own in bench/load: the bare relay, and the npm package proxy-chain where it is there. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Program } from '../harness/program.ts';
import { ownWay } from './own-way.ts';
import { HOST, type Subject, type Way } from './subject.ts';

function startForked(file: string): Promise<Way> {
  return ownWay(HOST, async (owner) => {
    const [program, port] = await Program.fork<number>(join(import.meta.dirname, '../load', file));
    owner.use(program);
    return [{ pid: program.pid, port }];
  });
}

export const relay: Subject = {
  name: 'relay',
  title: 'bare relay',
  story: 'CONNECT and `pipe` both ways on `node:net`; decides, checks and records nothing',
  start: () => startForked('relay.ts'),
};

export const proxyChain: Subject = {
  name: 'proxy-chain',
  title: 'proxy-chain',
  story: 'the npm package of that name: no rules, no log',
  missing: () => {
    try {
      createRequire(import.meta.url).resolve('proxy-chain');
      return undefined;
    } catch {
      return 'the npm package proxy-chain is not installed';
    }
  },
  start: () => startForked('proxy-chain.ts'),
};
