/** What every measurement needs beside the proxy: the origin and the load generator, each a process of its own. */
import { join } from 'node:path';
import type { Job, OriginPorts, Result } from '../load/job.ts';
import { Program } from './program.ts';

const LOAD = join(import.meta.dirname, '../load');
/** No job takes a tenth of it; one that does hangs, and so would all that waits for it. */
const LIMIT_MS = 180_000;

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

  /**
   * Has the generator do `job`.
   * @throws what was wrong, where anything was: the measurement is void then. A job without an end ends the generator, and the run.
   */
  async run(job: Job, limitMs = LIMIT_MS): Promise<Exclude<Result, { fault: string }>> {
    let isLate = false;
    const clock = setTimeout(() => {
      isLate = true;
      void this.#generator[Symbol.asyncDispose]();
    }, limitMs);
    try {
      const result = await this.#generator.ask<Result>(job);
      if ('fault' in result) throw new Error(result.fault);
      return result;
    } catch (error) {
      throw isLate
        ? new Error(`The job took longer than ${limitMs / 1000} s: something on its way hangs`)
        : error;
    } finally {
      clearTimeout(clock);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}
