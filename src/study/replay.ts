/**
 * Old traffic against a candidate policy: what was allowed and would be denied, and the other way round. Only the access
 * rules are asked; guard, routes and limits are not. Memory does not grow with the log.
 */
import type { Policy } from '#acl/policy.ts';
import type { Subject } from '#match/subject.ts';
import { hostPort } from '#net/authority.ts';
import { parseIp } from '#net/ip.ts';
import { Judge } from './judge.ts';
import type { LogEntry, Verdict } from './log-entry.ts';
import { type Question, subjectOf } from './question.ts';
import { readLine } from './read-line.ts';
import { type Counted, Reasons } from './reasons.ts';
import { type Sightings, SightingTable, type TableRow, Tally } from './sightings.ts';

/** Different requests, hosts and clients that are told apart for each rule of the candidate and direction of change. */
const MAX_ROWS = 10_000;

/** Requests of one client to one host that would be judged otherwise. */
export interface ChangedRequests extends Sightings {
  readonly client: string;
  readonly method: string;
  readonly host: string;
  readonly port: number;
  /** What decided when it was logged: a rule, or Squid's result code. */
  readonly wasBy: string;
}

/** All that have one client, or one host and port, in common. */
export interface Group extends Sightings {
  readonly name: string;
}

/** A list, most frequent first, and how much of what was counted is not in it because there was no room for more. */
export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly notListed: number;
}

/** What one rule of the candidate would change in one direction. */
export interface Change extends Sightings {
  readonly from: Verdict;
  readonly to: Verdict;
  /** Undefined where none holds, or where it is open which one does. */
  readonly rule: string | undefined;
  readonly hosts: Listing<Group>;
  readonly clients: Listing<Group>;
  readonly requests: Listing<ChangedRequests>;
}

export interface ReplayResult {
  /** Hash of the candidate policy. */
  readonly policy: string;
  /** All lines but empty ones. */
  readonly lines: number;
  readonly judged: number;
  readonly changed: number;
  /** Same verdict, by a rule of another name. */
  readonly otherRule: number;
  readonly changes: readonly Change[];
  /** The rest, by why. */
  readonly notJudged: readonly Counted[];
  readonly broken: number;
}

/** What the candidate says of a request. */
interface Decided {
  readonly verdict: Verdict;
  readonly rule: string | undefined;
}

interface Collected {
  readonly from: Verdict;
  readonly to: Verdict;
  readonly rule: string | undefined;
  readonly total: Tally;
  readonly hosts: SightingTable;
  readonly clients: SightingTable;
  readonly requests: SightingTable;
}

/** Takes lines, one after the other, and says in the end what they come to. */
export class Replay {
  readonly #policy: Policy;
  readonly #judge: Judge;
  readonly #usesDestination: boolean;
  readonly #changes = new Map<string, Collected>();
  readonly #notJudged = new Reasons();
  #lines = 0;
  #judged = 0;
  #otherRule = 0;
  #broken = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#judge = new Judge(policy);
    this.#usesDestination = policy.enforced.some(({ condition }) => condition.usesDestination);
  }

  /** Takes one line in, and returns what is wrong with it where it is broken. */
  take(text: string): string | undefined {
    const line = readLine(text);
    if (line === undefined) return undefined;
    this.#lines += 1;
    if (line.kind === 'decided') {
      this.#compare(line);
      return undefined;
    }
    if (line.kind === 'undecided') {
      this.#notJudged.add(line.why);
      return undefined;
    }
    this.#broken += 1;
    return line.why;
  }

  #compare(entry: LogEntry): void {
    const subject = this.#subjectOf(entry);
    if (subject === undefined) {
      this.#notJudged.add('client or target in a form that Weir refuses');
      return;
    }
    const judgement = this.#judge.judge(entry.question, subject);
    if (judgement.verdict === 'open') {
      this.#notJudged.add(`the log has no value for ${judgement.lacking.join(', ')}`);
      return;
    }
    this.#judged += 1;
    if (judgement.verdict !== entry.verdict) this.#change(entry, subject, judgement);
    else if (isOther(judgement.rule, entry.rule)) this.#otherRule += 1;
  }

  #subjectOf({ question, address }: LogEntry): Subject | undefined {
    const subject = readable(question);
    if (subject === undefined || !this.#usesDestination || address === undefined) return subject;
    return { ...subject, destination: parseIp(address) };
  }

  #change(entry: LogEntry, subject: Subject, to: Decided): void {
    const key = `${to.verdict} ${to.rule}`;
    const collected = this.#changes.get(key) ?? emptyChange(entry.verdict, to);
    this.#changes.set(key, collected);
    const { clientAddress, method, host, port, timeMs } = subject;
    collected.total.add(timeMs);
    collected.hosts.add([hostPort(host.text, port)], timeMs);
    collected.clients.add([clientAddress.text], timeMs);
    collected.requests.add([clientAddress.text, method, host.text, String(port), entry.by], timeMs);
  }

  /** What all lines so far come to. */
  result(): ReplayResult {
    const changes = [...this.#changes.values()].map(changeOf);
    // What would be broken comes before what would be opened.
    changes.sort((a, b) => b.to.localeCompare(a.to) || b.count - a.count);
    return {
      policy: this.#policy.hash,
      lines: this.#lines,
      judged: this.#judged,
      changed: changes.reduce((sum, { count }) => sum + count, 0),
      otherRule: this.#otherRule,
      changes,
      notJudged: this.#notJudged.counted(),
      broken: this.#broken,
    };
  }
}

function isOther(rule: string | undefined, wasRule: string | undefined): boolean {
  return rule !== undefined && wasRule !== undefined && rule !== wasRule;
}

function readable(question: Question): Subject | undefined {
  try {
    return subjectOf(question);
  } catch {
    return undefined;
  }
}

function emptyChange(from: Verdict, { verdict, rule }: Decided): Collected {
  return {
    from,
    to: verdict,
    rule,
    total: new Tally(),
    hosts: new SightingTable(MAX_ROWS),
    clients: new SightingTable(MAX_ROWS),
    requests: new SightingTable(MAX_ROWS),
  };
}

function changeOf({ from, to, rule, total, hosts, clients, requests }: Collected): Change {
  return {
    from,
    to,
    rule,
    ...timesOf(total),
    hosts: listing(hosts, groupOf),
    clients: listing(clients, groupOf),
    requests: listing(requests, requestsOf),
  };
}

function listing<Row>(table: SightingTable, rowOf: (row: TableRow) => Row): Listing<Row> {
  return { rows: table.rows().map(rowOf), notListed: table.beyond.count };
}

function groupOf({ row, seen }: TableRow): Group {
  return { name: String(row[0]), ...timesOf(seen) };
}

function requestsOf({ row, seen }: TableRow): ChangedRequests {
  const [client = '', method = '', host = '', port, wasBy = ''] = row;
  return { client, method, host, port: Number(port), wasBy, ...timesOf(seen) };
}

function timesOf({ count, firstMs, lastMs }: Sightings): Sightings {
  return { count, firstMs, lastMs };
}
