/**
 * The control socket of `weir cache`, from the moment at which some rule has a cache: the one way to change something that is neither a
 * file nor a signal. What it changes is on the audit trail before it is done, in the log, and counted.
 */
import { cacheSocket, keepsAnswers } from '#config/cache-socket.ts';
import type { Config } from '#config/config.ts';
import type { AnswerParts } from '#control/answer-question.ts';
import { problemsOf } from '#control/purge-text.ts';
import { redactUrl } from '#record/redact.ts';
import type { Server } from './server.ts';

interface Door {
  close(): void;
}

export class CacheControl {
  readonly #server: Server;
  #door: Promise<Door | undefined> | undefined = undefined;
  #hasToldOfNone = false;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Opens it where this configuration wants it and it is not there. That it cannot be is no reason not to serve. Never rejects. */
  async heed(config: Config): Promise<void> {
    const path = cacheSocket(config);
    if (path === undefined && keepsAnswers(config)) this.#tellOfNone();
    if (path === undefined || this.#door !== undefined) return;
    this.#door = this.#open(path);
    // The next reload tries again.
    if ((await this.#door) === undefined) this.#door = undefined;
  }

  /** Lets nobody in any more. Never rejects. */
  async close(): Promise<void> {
    (await this.#door)?.close();
  }

  /** Once, however often it is reloaded. */
  #tellOfNone(): void {
    if (this.#hasToldOfNone || this.#door !== undefined) return;
    this.#hasToldOfNone = true;
    const hint = 'outside systemd it has a socket where cache.socket names one';
    this.#server.log.info({ hint }, 'Not listening for weir cache');
  }

  async #open(path: string): Promise<Door | undefined> {
    const { log } = this.#server;
    try {
      const { openControl } = await import('#control/open-control.ts');
      const door = await openControl(path, this.#parts());
      log.info({ socket: path }, 'Listening for weir cache');
      return door;
    } catch (err) {
      log.error({ err, socket: path }, 'Cannot listen for weir cache, which does not work');
      return undefined;
    }
  }

  #parts(): AnswerParts {
    return {
      ask: (question) => this.#server.askCaches(question),
      admit: (target) => this.#admit(target),
      onPurge: (outcome, facts) => this.#tell(outcome, facts),
    };
  }

  #tell(...[outcome, facts]: Parameters<AnswerParts['onPurge']>): void {
    const { log, metrics, audit } = this.#server;
    metrics.host.cachePurged(outcome);
    if (!('target' in facts)) {
      log.error({ ...facts, outcome, by: 'local' }, 'Cache not purged');
      return;
    }
    const told = { ...facts, target: redactUrl(facts.target), by: 'local' };
    if (outcome === 'done') log.info(told, 'Cache purged');
    else {
      audit?.tell({ ...fieldsOf(facts.kind, facts.target), result: outcome, problems: problemsOf(facts) });
      log.error({ ...told, outcome }, 'Cache not purged, or not all of it');
    }
  }

  /** Who asks can only be this user, or root: the kernel says no more (control/private-socket.ts). */
  async #admit({ kind, name }: Parameters<AnswerParts['admit']>[0]): Promise<void> {
    const { audit, config } = this.#server;
    if (audit === undefined) return;
    const isStrict = config.log.audit?.strict === true;
    if (isStrict && audit.isFailing) throw new Error('the audit trail cannot be written');
    const isTaken = audit.tell(fieldsOf(kind, name));
    if (!isStrict) return;
    if (!isTaken) throw new Error('the audit trail has no room');
    await audit.written().catch((cause: Error) => {
      throw new Error(`the audit trail cannot be written: ${cause.message}`, { cause });
    });
  }
}

function fieldsOf(kind: 'url' | 'host', name: string) {
  return { event: 'admin', action: 'cache purge', by: 'local', [kind]: redactUrl(name) };
}
