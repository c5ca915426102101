/**
 * When open tunnels are judged again: after a reload, and whenever the policy changes because time passes. Some at a time, so that
 * thousands of them do not hold up traffic.
 */
import { HORIZON_MS, nextChangeMs } from '#acl/next-change.ts';
import type { ProxyContext } from './context.ts';
import type { Cuttable } from './drain.ts';
import { judgeAgain, judgeByAddress } from './judge-again.ts';
import { Transaction } from './transaction.ts';

/** Where each of them is cut, that is a few milliseconds. */
const AT_A_TIME = 100;
/** Names resolved at a time for those whose address is not known, and how long they are waited for: a silent server holds up nobody. */
const LOOK_UPS = 32;
const PATIENCE_MS = 1000;
/** A clock that is set must not make it late for long. */
const LONGEST_WAIT_MS = 60_000;

export class JudgementDays {
  readonly #context: ProxyContext;
  #timer: NodeJS.Timeout | undefined = undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(context: ProxyContext) {
    this.#context = context;
  }

  /** Another policy is in force: judges all that is open, and waits for its next change. */
  begin(): void {
    // What changes while the first of them are judged is still to come.
    const nowMs = this.#context.now();
    this.#judgeAll();
    this.#await(nowMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#context.round += 1;
  }

  /** Looks whether the next change has come. */
  look(): void {
    const nowMs = this.#context.now();
    if (nowMs >= this.#nextMs) this.#judgeAll();
    this.#await(nowMs);
  }

  /** For what changes after `nowMs`. */
  #await(nowMs: number): void {
    this.#nextMs = nextChangeMs(this.#context.generation.policy, nowMs);
    clearTimeout(this.#timer);
    const waitMs = Math.min(this.#nextMs - this.#context.now(), LONGEST_WAIT_MS, HORIZON_MS);
    this.#timer = setTimeout(() => this.look(), Math.max(0, waitMs));
    this.#timer.unref();
  }

  #judgeAll(): void {
    this.#context.round += 1;
    const open = this.#context.drain.members().filter(isOpenTunnel);
    const unknown: Transaction[] = [];
    this.#inTurns(open, this.#context.round, {
      each: (tx) => {
        if (!judgeAgain(tx)) unknown.push(tx);
      },
      done: (round) => this.#judgeByAddress(unknown, round),
    });
  }

  /** One round that begins while another is not over takes its place. */
  #inTurns(tunnels: readonly Transaction[], round: number, steps: Steps): void {
    if (round !== this.#context.round) return;
    for (const tx of tunnels.slice(0, AT_A_TIME)) if (tx.isTunnel) steps.each(tx);
    if (tunnels.length <= AT_A_TIME) steps.done?.(round);
    else setImmediate(() => this.#inTurns(tunnels.slice(AT_A_TIME), round, steps));
  }

  /** `unknown` are those whose address the policy asks for. Where nobody has told it in time, it goes by there being none. */
  #judgeByAddress(unknown: readonly Transaction[], round: number): void {
    if (unknown.length === 0) return;
    const waiting = new Set(unknown);
    const rest = unknown.values();
    const judgeRest = async (): Promise<void> => {
      for (const tx of rest) {
        if (round !== this.#context.round) return;
        if (tx.isTunnel) await judgeByAddress(tx);
        waiting.delete(tx);
      }
    };
    for (let at = 0; at < LOOK_UPS; at += 1) void judgeRest();
    // One that is to end later goes on where its address is found out after all.
    const giveUp = (): void => this.#inTurns([...waiting], round, { each: (tx) => judgeAgain(tx, []) });
    setTimeout(giveUp, PATIENCE_MS).unref();
  }
}

/** What is done with tunnels, some at a time. */
interface Steps {
  each(tx: Transaction): void;
  /** All have had their turn. */
  done?(round: number): void;
}

function isOpenTunnel(one: Cuttable): one is Transaction {
  return one instanceof Transaction && one.isTunnel;
}
