/**
 * The settings of a deployment: a file of KEY=VALUE, which is never executed and has no secrets, and the one of vm/ that it names. All
 * that is wrong is said at once, with its line.
 */
import { dirname, join, resolve } from 'node:path';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';
import { type Line, linesOf } from './settings-lines.ts';
import { KEYS, VM_KEYS } from './settings-table.ts';

/** A virtual machine of tier 2. */
export interface Machine {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  /** As tier 1 may dial it: its name in the domain of all. */
  readonly host: string;
}

/** A listener of tier 1, as clients call it. */
export interface Listener {
  readonly name: string;
  /** The name that clients have; moves from the old proxy to Weir, and back. */
  readonly host: string;
  /** Of its Service. */
  readonly address: string;
  /** What `weir doctor` asks it for. */
  readonly target: string;
}

export interface Settings {
  /** As it was given, for messages. */
  readonly file: string;
  /** Every key as it is written, for what a step goes by. */
  readonly text: Readonly<Record<string, string>>;
  /** Paths are absolute. */
  readonly vmSettings: string;
  readonly package: string;
  readonly tier1: string;
  readonly tier2: string;
  readonly secrets: string;
  readonly clients: string;
  /** Of the name server that kube-dns asks, where there is one. */
  readonly dnsFolder: string;
  readonly notify: string | undefined;
  readonly project: string;
  readonly network: string;
  readonly machines: readonly Machine[];
  readonly listeners: readonly Listener[];
  /** Names of those whose clients come to Weir. */
  readonly move: readonly string[];
  readonly monitoring: readonly string[];
}

/** The checkout that this is a part of: scripts of vm/ and manifests of k8s/ are taken from there. */
export const ROOT = join(import.meta.dirname, '../..');

interface Problem {
  readonly what: string;
  readonly cure: string;
  /** Where a file is not there. */
  readonly exitCode?: number;
}

type Values = Record<string, string>;

/** @throws {Fault} with all that is wrong */
export function readSettings(file: string, move?: string): Settings {
  const problems: Problem[] = [];
  const text = ownValues(file, problems);
  if (move !== undefined) text.MOVE = move;
  const vmSettings = pathOf(file, text.VM_SETTINGS ?? '');
  const vm = problems.some(({ what }) => what.includes('VM_SETTINGS')) ? {} : vmValues(vmSettings, problems);
  problems.push(...crossed(file, text));
  if (problems.length > 0) {
    const lines = problems.map(({ what, cure }) => `✗ ${what}\n  To do: ${cure}`);
    const { exitCode } = problems.find((problem) => problem.exitCode === ExitCode.NoInput) ?? {};
    throw new Fault(
      lines.join('\n'),
      'start this again once they are mended',
      exitCode ?? ExitCode.Configuration,
    );
  }
  return settingsOf(file, { ...text, ...vm });
}

function ownValues(file: string, problems: Problem[]): Values {
  const values: Values = {};
  const refused = new Set<string>();
  for (const { key, value, at } of linesOf(file, 'begin with a copy of deploy/settings.example.env')) {
    const problem = Object.hasOwn(values, key) ? twice(key) : problemOf(key, value);
    if (problem === undefined) values[key] = value;
    else {
      problems.push({ ...problem, what: `${at}: ${problem.what}` });
      refused.add(key);
    }
  }
  const left = Object.entries(KEYS).filter(([key]) => !refused.has(key));
  complete(
    values,
    left.map(([key, { fallback }]) => [key, fallback]),
    (key) => {
      problems.push({
        what: `${file}: ${key} is missing`,
        cure: 'deploy/settings.example.env says what it is for',
      });
    },
  );
  return values;
}

function twice(key: string): Problem {
  return { what: `${key} is there already`, cure: 'say it once' };
}

function problemOf(key: string, value: string): Problem | undefined {
  const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (known === undefined) {
    const cure = 'write KEY=value, without spaces or quotes, and only keys of deploy/settings.example.env';
    return { what: `"${key}" is no setting`, cure };
  }
  if (value === '' || known.pattern.test(value)) return undefined;
  return { what: `${key} is "${value}", and must be ${known.must}`, cure: 'correct it there' };
}

function vmValues(file: string, problems: Problem[]): Values {
  const lines = linesOrProblem(file, problems);
  if (lines === undefined) return {};
  const known = lines.filter(({ key }) => Object.hasOwn(VM_KEYS, key));
  const values: Values = Object.fromEntries(known.map(({ key, value }) => [key, value]));
  complete(values, Object.entries(VM_KEYS), (key) => {
    problems.push({
      what: `${file}: ${key} is missing`,
      cure: 'vm/settings.example.env says what it is for',
    });
  });
  return values;
}

/** What is wrong with our own file is said as well. */
function linesOrProblem(file: string, problems: Problem[]): readonly Line[] | undefined {
  try {
    return linesOf(file, 'name a copy of vm/settings.example.env as VM_SETTINGS');
  } catch (error) {
    const { message: what, cure, exitCode } = error as Fault;
    problems.push({ what, cure, exitCode });
    return undefined;
  }
}

/** Gives the keys that have no value theirs; those that have to be said are `missing`. */
function complete(
  values: Values,
  keys: readonly (readonly [key: string, fallback: string | undefined])[],
  missing: (key: string) => void,
): void {
  for (const [key, fallback] of keys) {
    if ((values[key] ?? '') !== '') continue;
    if (fallback === undefined) missing(key);
    else values[key] = fallback;
  }
}

/** What keys must be together, of those that are good by themselves. */
function crossed(file: string, values: Values): readonly Problem[] {
  const problems: Problem[] = [];
  const say = (what: string, cure: string): void => {
    problems.push({ what: `${file}: ${what}`, cure });
  };
  if ((values.IMAGE_DIGEST === '') === (values.IMAGE_SOURCE === ''))
    say(
      'one of IMAGE_DIGEST and IMAGE_SOURCE is needed',
      'give the digest of what is pushed, or what to push',
    );
  if (values.DNS === 'cloud-dns' && values.DNS_ZONE === '')
    say('DNS is cloud-dns, and DNS_ZONE is missing', 'name the private zone: intra-aibang-local');
  if (values.DNS === 'kube-dns' && values.DNS_FOLDER === '')
    say('DNS is kube-dns, and DNS_FOLDER is missing', 'name your copy of k8s/dns/kube-dns');
  const { LISTENERS, MOVE = 'none', SECRETS } = values;
  if (LISTENERS !== undefined) {
    const names = listenersOf(LISTENERS).map(({ name }) => name);
    for (const name of new Set(names.filter((one, at) => names.indexOf(one) !== at)))
      say(`LISTENERS has ${name} twice`, 'give each a name of its own');
    for (const name of movedOf(MOVE, names).filter((one) => !names.includes(one)))
      say(`MOVE has "${name}", which is not in LISTENERS`, `name some of ${names.join(', ')}, all, or none`);
  }
  if (SECRETS !== undefined && pathOf(file, SECRETS).startsWith(`${resolve(ROOT)}/`))
    say('SECRETS is a folder of the checkout', 'name one outside of any repository, such as ../weir-secrets');
  return problems;
}

function settingsOf(file: string, text: Values): Settings {
  const path = (key: string): string => pathOf(file, text[key] ?? '');
  const listeners = listenersOf(text.LISTENERS);
  const names = listeners.map(({ name }) => name);
  return {
    file,
    text,
    vmSettings: path('VM_SETTINGS'),
    package: path('PACKAGE'),
    tier1: path('TIER_1'),
    tier2: path('TIER_2'),
    secrets: path('SECRETS'),
    clients: path('CLIENTS'),
    dnsFolder: path('DNS_FOLDER'),
    notify: text.NOTIFY === '' ? undefined : path('NOTIFY'),
    project: text.PROJECT ?? '',
    network: text.NETWORK ?? '',
    machines: machinesOf(text),
    listeners,
    move: movedOf(text.MOVE, names),
    monitoring: text.MONITORING === 'none' ? [] : (text.MONITORING ?? '').split(','),
  };
}

/** Paths are meant from where the settings are. */
const pathOf = (file: string, path: string): string => resolve(dirname(file), path);

function machinesOf({ VMS = '', DNS_NAME = '' }: Values): readonly Machine[] {
  const domain = DNS_NAME.split('.').slice(1).join('.');
  return VMS.split(',')
    .filter(Boolean)
    .map((one) => {
      const [name = '', zone = '', address = ''] = one.split('/');
      return { name, zone, address, host: `${name}.${domain}` };
    });
}

function listenersOf(text = ''): readonly Listener[] {
  return text.split(',').map((one) => {
    const [name = '', host = '', address = '', ...target] = one.split('/');
    return { name, host, address, target: target.join('/') };
  });
}

function movedOf(text = '', names: readonly string[] = []): readonly string[] {
  if (text === 'all') return names;
  return text === 'none' ? [] : text.split(',');
}
