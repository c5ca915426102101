/**
 * Everybody who serves on this host or finishes what he has: the workers that this supervisor has started, and those of supervisors
 * before it that have come back.
 */
import type { Log } from '#record/operational-log.ts';
import { Crew, type CrewParts } from './crew.ts';
import type { Orders } from './orders.ts';
import type { Hello, Order, StartOrder } from './protocol.ts';
import { Reunion } from './reunion.ts';
import type { WorkerEvents } from './talk.ts';
import type { Veteran } from './veteran.ts';
import { WorkerProcess } from './worker-process.ts';

/** One of them. */
export type Member = WorkerProcess | Veteran;

export interface StaffParts {
  /** How many workers serve. */
  readonly count: number;
  readonly log: Log;
  /** Where those of supervisors before come back to; undefined: none does. */
  readonly directory: string | undefined;
  /** What a worker begins with, but for its configuration and its seat. */
  readonly beginning: () => Omit<StartOrder, 'config' | 'seat'>;
  /** Who hears what one of them says. */
  readonly eventsOf: (member: () => Member) => WorkerEvents;
  /** Told of each that is there from now on; `hello` is what one has brought that has come back. */
  readonly onCome: (member: Member, hello?: Hello) => void;
  readonly onGone: (member: Member) => void;
  readonly onCrash: CrewParts<WorkerProcess>['onCrash'];
}

export class Staff {
  /** Those that this supervisor has started. */
  readonly crew: Crew;
  readonly #reunion: Reunion;
  readonly #seats = new WeakMap<WorkerProcess, number>();

  constructor(parts: StaffParts, orders: Orders) {
    const { count, log, directory, eventsOf, onCome, onGone, onCrash, beginning } = parts;
    this.crew = new Crew(
      {
        count,
        log,
        fork: () => {
          const worker: WorkerProcess = new WorkerProcess(eventsOf(() => worker));
          onCome(worker);
          return worker;
        },
        beginning: (worker) => ({ ...beginning(), seat: { index: this.#seatOf(worker), count } }),
        onGone,
        onCrash,
      },
      orders,
    );
    this.#reunion = new Reunion({ log, directory, eventsOf, onCome, onGone });
  }

  get all(): readonly Member[] {
    return [...this.crew.all, ...this.#reunion.all];
  }

  /** Starts the workers, and lets those in that come back. @throws {Error} why one cannot serve */
  async start(): Promise<void> {
    await this.#reunion.open();
    await this.crew.start();
    this.#reunion.relieve();
  }

  /** @returns whether all that those who were started here had ended by itself */
  async stop(): Promise<boolean> {
    const isWhole = await this.crew.stop();
    await this.#reunion.leave();
    return isWhole;
  }

  /** Has all of them finish without this supervisor, and hand over what they have until now. Never rejects. */
  async leave(): Promise<void> {
    await Promise.all([this.crew.leave(), this.#reunion.leave()]);
  }

  /** Says each the last word, and lets go of it. */
  async part(lastWord: (member: Member) => Order): Promise<void> {
    await Promise.all(this.all.map((member) => member.part(lastWord(member))));
  }

  endAtOnce(): void {
    this.crew.endAtOnce();
    for (const veteran of this.#reunion.all) veteran.tell({ kind: 'end' });
  }

  tell(order: Order): void {
    for (const member of this.all) member.tell(order);
  }

  async reopenLogs(): Promise<void> {
    await Promise.all(this.all.map((member) => member.reopenLogs()));
  }

  /** The first that nobody has who stays. */
  #seatOf(worker: WorkerProcess): number {
    const others = this.crew.staying.filter((other) => other !== worker);
    const taken = new Set(others.map((other) => this.#seats.get(other)));
    let index = 0;
    while (taken.has(index)) index += 1;
    this.#seats.set(worker, index);
    return index;
  }
}
