/** The clients of load.ts as the test has them: told what to do, they say what came of it so far. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Tally } from './load.ts';

export class Clients {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  async tell(what: 'keep' | 'load' | 'rest' | 'sound', rate?: number): Promise<Tally> {
    const answered = once(this.#child, 'message');
    this.#child.send({ what, rate });
    const [tally] = await answered;
    return tally as Tally;
  }

  end(): void {
    if (this.#child.connected) this.#child.send({ what: 'end' });
  }
}
