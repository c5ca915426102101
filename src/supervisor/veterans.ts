/**
 * The workers that supervisors before this one had started and that are not done yet. Each comes by itself and says who it is; of how
 * many generations there may be some is bounded, and the eldest are ended.
 */
import type { Log } from '#record/operational-log.ts';
import { Seldom } from '#record/seldom.ts';
import { type Hello, MEETING_VERSION, type Report } from './protocol.ts';
import type { WorkerEvents } from './talk.ts';
import { Veteran, type VeteranLine } from './veteran.ts';

/** Restarts within the time that a drain may take; each has left all of its workers. */
export const MAX_GENERATIONS = 8;
/** Who is refused comes again. */
const REPORT_EVERY_MS = 60_000;

export interface VeteransParts {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Who hears what one of them says. */
  readonly eventsOf: (veteran: () => Veteran) => WorkerEvents;
  /** Told of each that has come, with what it brings. */
  readonly onCome: (veteran: Veteran, hello: Hello) => void;
  /** Told of each that is gone. */
  readonly onGone: (veteran: Veteran) => void;
}

/** What who opens the line calls. */
export interface Arrival {
  hear(report: Report): void;
  closed(): void;
}

export class Veterans {
  readonly #parts: VeteransParts;
  readonly #all = new Set<Veteran>();
  readonly #refusals = new Seldom(REPORT_EVERY_MS);

  constructor(parts: VeteransParts) {
    this.#parts = parts;
  }

  /** Those that are here. */
  get all(): readonly Veteran[] {
    return [...this.#all];
  }

  /** Somebody has come, and has said nothing yet. */
  arrive(line: VeteranLine): Arrival {
    let veteran: Veteran | undefined;
    return {
      hear: (report) => {
        if (veteran !== undefined) veteran.hear(report);
        else if (report.kind === 'hello' && report.hello.version === MEETING_VERSION) {
          veteran = this.#take(line, report.hello);
        } else this.#refuse(line, report);
      },
      closed: () => {
        if (veteran !== undefined) this.#lose(veteran);
      },
    };
  }

  #take(line: VeteranLine, hello: Hello): Veteran {
    const veteran: Veteran = new Veteran(
      line,
      hello,
      this.#parts.eventsOf(() => veteran),
    );
    this.#all.add(veteran);
    this.#parts.log.info(
      { worker: hello.pid },
      'A worker of an earlier start has come back, it finishes what it has',
    );
    this.#parts.onCome(veteran, hello);
    this.#bound();
    return veteran;
  }

  #refuse(line: VeteranLine, report: Report): void {
    const facts = report.kind === 'hello' ? { worker: report.hello.pid, version: report.hello.version } : {};
    this.#refusals.run(() =>
      this.#parts.log.warn(
        facts,
        'A worker of another version is not taken over, it finishes alone what it has',
      ),
    );
    line.close();
  }

  #bound(): void {
    const eldestFirst = this.all.toSorted((a, b) => a.leftMs - b.leftMs);
    const generations = [...new Set(eldestFirst.map(({ instance }) => instance))];
    const tooMany = new Set(generations.slice(0, Math.max(0, generations.length - MAX_GENERATIONS)));
    for (const veteran of this.all.filter(({ instance }) => tooMany.has(instance))) {
      this.#parts.log.warn(
        { worker: veteran.pid, generations: generations.length },
        'Too many generations of workers finish what they have, the eldest is ended',
      );
      veteran.tell({ kind: 'end' });
    }
  }

  #lose(veteran: Veteran): void {
    this.#all.delete(veteran);
    veteran.end();
    this.#parts.onGone(veteran);
  }
}
