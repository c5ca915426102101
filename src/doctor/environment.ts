/**
 * What the proxy variables of an environment mean for a target: which proxy they name, and for which clients they do not work.
 * Without a runtime that is asked for, what stands is what clients have in common, and the odd ones are told apart.
 */
import type { Language } from '#study/proxy-env.ts';
import { type ClientView, type Environment, firstSet, READERS, viewOf } from './clients.ts';
import type { Target } from './target.ts';

export interface EnvironmentReading {
  /** The value that names the proxy, as it is; undefined where there is none to go on with. */
  readonly proxy: string | undefined;
  /** What is wrong; undefined where nothing is. */
  readonly fault: string | undefined;
  readonly check: string;
  /** Of what is in order, where it comes from. */
  readonly source: string;
  /** What to know besides, a sentence each. */
  readonly notes: readonly string[];
}

const NAMES: Readonly<Record<Language, string>> = {
  curl: 'curl',
  go: 'Go',
  python: 'Python',
  dotnet: '.NET',
  node: 'Node',
  java: 'Java',
};
const SET = 'set the variables as `weir env` prints them';

/** Of one runtime, or of those that read variables at all. */
export function readEnvironment(
  environment: Environment,
  target: Target,
  runtime: Language | undefined,
): EnvironmentReading {
  const views = (runtime === undefined ? READERS : [runtime]).map((one) => viewOf(one, environment, target));
  const odd =
    runtime === undefined ? (['node', 'java'] as const).map((one) => viewOf(one, environment, target)) : [];
  const first =
    views.find(({ proxy }) => proxy !== undefined) ?? odd.find(({ proxy }) => proxy !== undefined);
  const found = faultIn(views, environment, target);
  const notes = [...notesOn(views), ...odd.flatMap(noteOn)];
  return {
    proxy: first?.proxy,
    fault: found?.fault,
    check: found?.check ?? '',
    source: first === undefined ? '' : `${first.variable} of the environment`,
    notes: found === undefined && runtime === undefined ? notes : odd.flatMap(noteOn),
  };
}

interface Found {
  readonly fault: string;
  readonly check: string;
}

function faultIn(views: readonly ClientView[], environment: Environment, target: Target): Found | undefined {
  return (
    conflictIn(views) ?? unreadIn(views) ?? bypassIn(views, target) ?? unsetIn(views, environment, target)
  );
}

/** Both spellings are set, and clients differ in which they read. */
function conflictIn(views: readonly ClientView[]): Found | undefined {
  const set = views.filter(({ proxy }) => proxy !== undefined);
  const other = set.find(({ proxy }) => proxy !== set[0]?.proxy);
  if (set[0] === undefined || other === undefined) return undefined;
  const told = ({ client, variable }: ClientView): string => `${NAMES[client]} reads ${variable}`;
  return {
    fault: `${set[0].variable} and ${other.variable} differ: ${told(set[0])}, ${told(other)}`,
    check: 'Give both spellings the same value',
  };
}

function unreadIn(views: readonly ClientView[]): Found | undefined {
  const [view, ...more] = views;
  if (view?.fault === undefined || more.length > 0) return undefined;
  return { fault: `${NAMES[view.client]} does not use the proxy: ${view.fault}`, check: capital(SET) };
}

/** All go past the proxy. */
function bypassIn(views: readonly ClientView[], target: Target): Found | undefined {
  const bypass = views[0]?.bypass;
  if (bypass === undefined || views.some((view) => view.bypass === undefined)) return undefined;
  return {
    fault: `${bypass.variable} has "${shown(bypass.entry)}", so that ${target.text} is not asked of the proxy`,
    check: `Take the entry out of ${bypass.variable}`,
  };
}

/** None knows of a proxy for this. */
function unsetIn(
  views: readonly ClientView[],
  environment: Environment,
  { speech }: Target,
): Found | undefined {
  if (views.some(({ proxy }) => proxy !== undefined)) return undefined;
  const [wanted, other] = speech === 'http' ? ['HTTP_PROXY', 'HTTPS_PROXY'] : ['HTTPS_PROXY', 'HTTP_PROXY'];
  const set = firstSet(environment, [other, other.toLowerCase()]);
  const besides = set === undefined ? '' : `; ${set} is set, which is for other requests`;
  return {
    fault: `Neither ${wanted} nor ${wanted.toLowerCase()} is set${besides}`,
    check: `${capital(SET)}, or name the proxy by --proxy`,
  };
}

/** Where those that read variables differ. */
function notesOn(views: readonly ClientView[]): string[] {
  const unset = views.filter(({ proxy }) => proxy === undefined);
  const past = views.filter(({ proxy, bypass }) => proxy !== undefined && bypass !== undefined);
  const entry = past[0]?.bypass;
  return [
    ...(unset.length === 0
      ? []
      : [`No proxy is known to ${listed(unset)}, which read none of the spellings that are set`]),
    ...(entry === undefined
      ? []
      : [`Past the proxy go requests of ${listed(past)}: ${entry.variable} has "${shown(entry.entry)}"`]),
    ...(views.some(({ proxy }) => proxy !== undefined && !/^[a-z]+:\/\//i.test(proxy))
      ? ['The value has no http:// in front, which Node and others do not take']
      : []),
  ];
}

function noteOn({ client, fault, bypass }: ClientView): string[] {
  const past = bypass && `${bypass.variable} has "${shown(bypass.entry)}"`;
  const why = fault ?? past;
  return why === undefined ? [] : [`${NAMES[client]} does not use the proxy: ${why}`];
}

function listed(views: readonly ClientView[]): string {
  return views.map(({ client }) => NAMES[client]).join(', ');
}

/** An entry is somebody's text. */
function shown(entry: string): string {
  return entry.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 100);
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
