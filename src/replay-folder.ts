/**
 * Where the processes of this host keep which assertions of hops were used: where the configuration says it, or in the directory that
 * systemd keeps for the unit. Workers without either share a folder that is gone when they are; one process needs none.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { Config } from '#config/config.ts';
import { runtimeDirectory } from '#config/runtime-directory.ts';
import { countOfWorkers } from '#config/workers.ts';
import { Replays } from '#hop/replays.ts';
import { ExitCode } from './exit-codes.ts';

/** In memory first: a write to it never waits for a disk. */
const PLACES = ['/dev/shm', os.tmpdir()];

export class ReplayFolder {
  readonly #kept: string | undefined;
  #made: string | undefined = undefined;

  /** `kept` outlives the process. @default systemd's */
  constructor(kept = runtimeDirectory()) {
    this.#kept = kept;
  }

  /** The same configuration, with a place where one is needed. @throws {Error} with `exitCode` 78 where nothing can be kept */
  place(config: Config): Config {
    const { verify } = config.hop;
    if (verify === undefined) return config;
    try {
      const replayDirectory = verify.replayDirectory ?? this.#kept ?? this.#shared(config);
      if (replayDirectory === undefined) return config;
      // Told now rather than by a worker.
      new Replays(replayDirectory).close();
      const hop = Object.freeze({ ...config.hop, verify: Object.freeze({ ...verify, replayDirectory }) });
      return Object.freeze({ ...config, hop });
    } catch (error) {
      throw Object.assign(error as Error, { exitCode: ExitCode.Configuration });
    }
  }

  /** Removes what it has made. */
  remove(): void {
    if (this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true });
  }

  /** Undefined where one process knows it all. */
  #shared({ workers }: Config): string | undefined {
    if (countOfWorkers(workers) > 1) this.#made ??= makeFolder();
    return this.#made;
  }
}

function makeFolder(): string {
  for (const place of PLACES) {
    try {
      return mkdtempSync(join(place, 'weir-'));
    } catch {}
  }
  throw new Error(
    `Cannot make a directory for used assertions in ${PLACES.join(' or ')}, name one by hop.trust.replayDirectory`,
  );
}
