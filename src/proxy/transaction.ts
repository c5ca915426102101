/**
 * One CONNECT or one HTTP request, from its first byte to its one record. A single object of fixed shape: every field is
 * there from the start. It is also the subject that the policy judges (DESIGN §10 e), so that judging copies nothing.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Report } from '#acl/report.ts';
import type { Forwarded } from '#cache/cache-status.ts';
import { type Outcome, ProxyError, REASONS, type Reason } from '#errors.ts';
import type { Phases } from '#hop/server-timing.ts';
import type { Claim } from '#limit/claim.ts';
import { LimitExceeded } from '#limit/exceeded.ts';
import type { Identity, Subject } from '#match/subject.ts';
import { Abort } from '#net/abort.ts';
import type { RawHeaders } from '#net/headers.ts';
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';
import type { RequestTarget } from '#net/request-target.ts';
import type { Deadline, Timed } from '#net/wheel.ts';
import { PeerRefusal } from '#peer/refusal.ts';
import type { Answers, CacheResult, ClosedBy, RecordEvent } from '#record/entry.ts';
import type { Connection } from './connection.ts';
import type { ProxyContext } from './context.ts';
import type { Cuttable } from './drain.ts';
import { entryOf } from './entry-of.ts';
import type { Generation } from './generation.ts';

/** Tells processes apart; the counter tells transactions of one process apart. Not a secret: ids are believed by address. */
const PROCESS_ID = randomBytes(8).toString('hex');
let count = 0;
/** Each number of two digits to the base of 36. */
const PAIRS = Array.from({ length: 36 * 36 }, (_, n) => n.toString(36).padStart(2, '0'));
/** The id of all transactions whose count differs in its last two digits only. */
let idWithoutPair = '';

function nextId(): string {
  const pair = count % PAIRS.length;
  if (pair === 0) idWithoutPair = `${PROCESS_ID}-${(count / PAIRS.length).toString(36)}`;
  count += 1;
  return idWithoutPair + PAIRS[pair];
}

const NO_HOST: Host = Object.freeze({ kind: 'name', text: '', address: undefined });

/**
 * What a transaction's deadline means just now. An object and no closure assigned to a property: V8 takes such a closure for one
 * that lives long, puts it where only a full collection looks, and with it all that it leads to (bench/NOTES.md).
 */
export interface Phase {
  /** Its time is over. */
  onDeadline(tx: Transaction): void;
}

/** The end of a tunnel that the policy allows no longer. */
export interface PendingEnd {
  /** It comes in `drainMs`, or sooner where that was said before; `rule` is the one that denies, where one does. */
  begin(refusal: { readonly rule: string | undefined; readonly why: string }, drainMs: number): void;
  /** The tunnel may go on, or is over. */
  lift(): void;
}

export class Transaction implements Subject, Cuttable, Timed {
  /** Neighbours among those under way. */
  previous: Cuttable | undefined = undefined;
  next: Cuttable | undefined = undefined;

  readonly context: ProxyContext;
  readonly connection: Connection;
  /** What judges it; with {@link timeMs} the latest when its turn came (see {@link takeUp}). */
  generation: Generation;
  /** The latest by then in which open tunnels were judged again (judgement-days.ts). */
  round: number;
  readonly startedMs: number;
  timeMs: number;
  readonly clientAddress: IpAddress;
  readonly listener: string;
  /** Stops whatever step is under way. */
  readonly abort = new Abort();
  /** The one deadline of this transaction; what it means is the phase's to say: with none there is no deadline. */
  readonly deadline: Deadline;
  phase: Phase | undefined = undefined;
  /** Its connection's, while it waits for its turn. */
  onTurn: (() => void) | undefined = undefined;

  id: string;
  /** Where a hop is not believed, the id by which it knows this one. */
  claimedId: string | undefined = undefined;
  method = '';
  target: RequestTarget | undefined = undefined;
  host: Host = NO_HOST;
  port = 0;
  readonly destination: IpAddress | undefined = undefined;
  /** What the name led to, where a rule asked for that. */
  addresses: readonly IpAddress[] | undefined = undefined;
  /** What the name led to, where not all of it may be dialled. */
  answers: Answers | undefined = undefined;
  /** Kept only for a policy that asks for them (read-head.ts). */
  headers: RawHeaders | undefined = undefined;
  user: string | undefined = undefined;
  /** What became of its credentials, where they have not told the user. */
  credentials: 'asked' | 'wrong' | undefined = undefined;
  identity: Identity | undefined = undefined;
  readonly clientCert: ReadonlySet<string> | undefined;
  /** Server name and ALPN of the tunnel's ClientHello, where somebody asks for them. */
  sni: Host | undefined = undefined;
  alpn: readonly string[] | undefined = undefined;
  /** Plain HTTP: the URL, redacted. */
  url: string | undefined = undefined;
  /** The client is a hop of ours (`hop.trust.from`). */
  isFromHop = false;
  /** Its address at the first hop, where a hop of ours says it. */
  assertedIp: string | undefined = undefined;
  /** It is none: a hop of ours looks whether we are here. */
  isProbe = false;

  /** It is an open tunnel. */
  isTunnel = false;
  /** It is to end, since the policy allows it no longer. */
  revocation: PendingEnd | undefined = undefined;
  /** Protocol that it asks to switch to, where some rule allows that. */
  upgrade: string | undefined = undefined;

  rule: string | undefined = undefined;
  /** What rules in report mode would have decided. */
  reports: readonly Report[] | undefined = undefined;
  /** What it has of a limit, where its rule has one. */
  claim: Claim | undefined = undefined;
  route: string | undefined = undefined;
  peer: string | undefined = undefined;
  upstreamIp: string | undefined = undefined;
  status = 0;
  outcome: Outcome = 'completed';
  reason: Reason | undefined = undefined;
  error: string | undefined = undefined;
  detail: string | undefined = undefined;
  /** What the cache did, where its rule has one. */
  cache: CacheResult | undefined = undefined;
  /** Why the next hop was asked, where the cache did not answer. */
  askedBecause: Forwarded | undefined = undefined;
  closedBy: ClosedBy | undefined = undefined;
  bytesFromClient = 0;
  bytesToClient = 0;
  dnsMs: number | undefined = undefined;
  connectMs: number | undefined = undefined;
  firstByteMs: number | undefined = undefined;
  /** Where the time of {@link connectMs} went at a peer of ours, where it tells. */
  peerPhases: Phases | undefined = undefined;
  #isFinished = false;

  constructor(context: ProxyContext, connection: Connection) {
    this.context = context;
    this.connection = connection;
    this.generation = context.generation;
    this.round = context.round;
    this.startedMs = performance.now();
    this.timeMs = Date.now();
    this.clientAddress = connection.clientAddress;
    this.listener = connection.listener;
    this.clientCert = connection.clientCert;
    this.id = nextId();
    this.deadline = context.tools.wheel.deadline(this);
    connection.begin(this);
    context.drain.begin(this);
  }

  /** Its turn has come after a wait: what is in force now judges it, at the present time. */
  takeUp(): void {
    this.generation = this.context.generation;
    this.round = this.context.round;
    this.timeMs = Date.now();
  }

  /** Takes in what is asked for. */
  setTarget(method: string, target: RequestTarget): void {
    this.method = method;
    this.target = target;
    this.host = target.authority.host;
    this.port = target.authority.port;
  }

  /** Plain HTTP: the whole URL, which is never written down. */
  get requestUrl(): string | undefined {
    return this.target?.url === '' ? undefined : this.target?.url;
  }

  /** Host and port that are asked for. */
  get authority(): string {
    return (this.target as RequestTarget).authority.text;
  }

  /** The id that an answer made here names: of all that there are the one that the client's hop knows. */
  get toldId(): string {
    return this.claimedId ?? this.id;
  }

  /** Milliseconds since the transaction began. */
  elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  /** Notes why the transaction ends other than well. The first reason stands: what follows from it is no news. */
  fail(thrown: unknown): ProxyError {
    const error = ProxyError.from(thrown);
    if (this.reason !== undefined) return error;
    const facts = REASONS[error.reason];
    this.reason = error.reason;
    this.outcome = facts.outcome;
    this.error = error instanceof PeerRefusal ? (error.peerError ?? facts.type) : facts.type;
    this.detail = error.message;
    this.rule = error.reason === 'policy_revoked' ? error.rule : (error.rule ?? this.rule);
    if (error instanceof LimitExceeded) this.context.onLimitHit(error.limit);
    if (error.reason === 'internal_error')
      this.context.log.error({ err: thrown, transaction_id: this.id }, 'Internal error');
    return error;
  }

  /** Notes who ended the connection before there could be an answer: the client, unless a limit of ours did. */
  leaveUnanswered(): void {
    this.closedBy = this.outcome === 'limited' ? 'proxy' : 'client';
  }

  /** Stops it from outside, when the time to drain is over. */
  cut(): void {
    this.abort.abort(new ProxyError('drain_timeout'));
  }

  onDeadline(): void {
    this.phase?.onDeadline(this);
  }

  /** Ends the transaction and writes its record. Only the first call counts. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.deadline.clear();
    this.phase = undefined;
    this.isTunnel = false;
    this.revocation?.lift();
    this.claim?.release(this.bytesFromClient + this.bytesToClient);
    this.connection.end(this);
    this.record('end');
    this.context.drain.end(this);
  }

  /** Writes a record of the state so far. */
  record(event: RecordEvent): void {
    if (this.isProbe) this.context.onProbe();
    else this.context.recorder.record(entryOf(this, event));
  }
}
