/** What every measurement needs beside the proxy: the origin and the load generator, each a process of its own. */
import { join } from 'node:path';
import type { Job, OriginPorts, Result } from '../load/job.ts';
import { Program } from './program.ts';

const LOAD = join(import.meta.dirname, '../load');

export class Stage implements AsyncDisposable {
  readonly ports: OriginPorts;
  readonly generatorPid: number;
  readonly originPid: number;
  readonly #generator: Program;
  readonly #owned: AsyncDisposableStack;

  private constructor(parts: { ports: OriginPorts; generator: Program; origin: Program }) {
    const { generator, origin } = parts;
    this.ports = parts.ports;
    this.generatorPid = generator.pid;
    this.originPid = origin.pid;
    this.#generator = generator;
    this.#owned = new AsyncDisposableStack();
    this.#owned.use(origin);
    this.#owned.use(generator);
  }

  static async start(): Promise<Stage> {
    const [origin, ports] = await Program.fork<OriginPorts>(join(LOAD, 'origin.ts'));
    const [generator] = await Program.fork(join(LOAD, 'generator.ts'));
    return new Stage({ ports, generator, origin });
  }

  /** Has the generator do `job`. @throws what was wrong, where anything was: the measurement is void then */
  async run(job: Job): Promise<Exclude<Result, { fault: string }>> {
    const result = await this.#generator.ask<Result>(job);
    if ('fault' in result) throw new Error(result.fault);
    return result;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}
