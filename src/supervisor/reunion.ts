/** Where workers of supervisors before this one come back to it, and those that have: the door that is open, and who came in. */
import type { Socket } from 'node:net';
import type { Log } from '#record/operational-log.ts';
import { type MeetingPoint, openMeetingPoint } from './meeting-point.ts';
import type { Report } from './protocol.ts';
import { UnixLine } from './unix-line.ts';
import type { Veteran } from './veteran.ts';
import { type Arrival, Veterans, type VeteransParts } from './veterans.ts';

export interface ReunionParts extends VeteransParts {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** The one that systemd keeps for the unit; undefined: nobody can come. */
  readonly directory: string | undefined;
}

export class Reunion {
  readonly #parts: ReunionParts;
  readonly #veterans: Veterans;
  #door: MeetingPoint | undefined = undefined;
  #areRelieved = false;

  constructor(parts: ReunionParts) {
    this.#parts = parts;
    this.#veterans = new Veterans({
      ...parts,
      onCome: (veteran, hello) => {
        parts.onCome(veteran, hello);
        if (this.#areRelieved) veteran.tell({ kind: 'drain' });
      },
    });
  }

  /** Those that are here. */
  get all(): readonly Veteran[] {
    return this.#veterans.all;
  }

  /** Lets them in. Where that cannot be they finish alone, which is no reason not to serve. Never rejects. */
  async open(): Promise<void> {
    const { directory, log } = this.#parts;
    if (directory === undefined) return;
    try {
      this.#door = await openMeetingPoint(directory, (socket) => this.#meet(socket));
    } catch (err) {
      log.warn({ err }, 'Workers of an earlier start cannot come back, they finish alone what they have');
    }
  }

  /** Others serve from now on: none of them takes any more connections. */
  relieve(): void {
    this.#areRelieved = true;
    for (const veteran of this.all) veteran.tell({ kind: 'drain' });
  }

  /** Has all of them hand over what they have, as this process is about to go. Never rejects. */
  async leave(): Promise<void> {
    this.#door?.close();
    await Promise.all(this.all.map((veteran) => veteran.leave()));
  }

  #meet(socket: Socket): void {
    const line: UnixLine = new UnixLine(socket, {
      onMessage: (report) => arrival.hear(report as Report),
      onClosed: () => arrival.closed(),
    });
    const arrival: Arrival = this.#veterans.arrive(line);
  }
}
