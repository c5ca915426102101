/** `weir suggest`: rules that allow the traffic of old logs, and as little else as can be. */
import { ExitCode } from '#exit-codes.ts';
import type { Suggestion, SuggestOptions } from '#study/suggest.ts';
import { type Command, flag, textOption, UsageError } from './command.ts';
import { logsArgument, readLogs } from './logs.ts';

interface Options {
  readonly logs: string[];
  readonly denied: boolean;
  readonly reported: boolean;
  readonly fold: boolean;
  readonly 'network-prefix': string | undefined;
  readonly json: boolean;
}

const DEFAULT_PREFIXES = '24/64';

export const suggestCommand: Command<Options> = {
  command: 'suggest <logs..>',
  describe: 'Write the smallest allow-list that covers the traffic of old logs',
  builder: (yargs) =>
    yargs
      .positional('logs', logsArgument)
      .option('denied', flag('Cover what was denied, instead of what was allowed'))
      .option('reported', flag('Cover what a rule in report mode would have decided'))
      .option('fold', flag('Write the registrable domain for several names under it'))
      .option(
        'network-prefix',
        textOption(`Bits of clients' networks, IPv4/IPv6; ${DEFAULT_PREFIXES} without it`),
      )
      .option('json', flag('Print the rules as JSON'))
      .example('$0 suggest access.log > learned.yaml', 'Rules for what passes today')
      .example('$0 suggest --fold --network-prefix 16 access.log', 'Fewer and wider ones')
      .example('$0 suggest --reported access.log', 'Rules for what a report would have refused')
      .epilogue(
        'Exit codes: 0 all of it is covered, 1 there was none, or not all could be read or covered, 66 no such log.',
      ),
  async run({ logs, denied, reported, fold, 'network-prefix': prefix, json }) {
    const prefixes = prefixesOf(prefix ?? DEFAULT_PREFIXES);
    const { Suggester } = await import('#study/suggest.ts');
    const { suggestionYaml } = await import('#study/suggestion-yaml.ts');
    const suggester = new Suggester({ traffic: trafficOf(denied, reported), fold, prefixes });
    const { isCut } = await readLogs(logs, (line) => suggester.take(line));
    const suggestion = suggester.result();
    for (const note of notesOn(suggestion)) process.stderr.write(`${note}\n`);
    if (json) process.stdout.write(`${JSON.stringify(suggestion, null, 2)}\n`);
    else if (suggestion.rules.length > 0) process.stdout.write(suggestionYaml(suggestion));
    const isWhole = !isCut && suggestion.rules.length > 0 && suggestion.notCovered === 0;
    return isWhole ? ExitCode.Done : ExitCode.Findings;
  },
};

/** @throws {UsageError} */
function trafficOf(denied: boolean, reported: boolean): SuggestOptions['traffic'] {
  if (denied && reported) throw new UsageError('Only one of --denied and --reported can be given');
  if (denied) return 'denied';
  return reported ? 'reported' : 'allowed';
}

/** Reads `24`, or `24/64` with the bits for IPv6. @throws {UsageError} */
function prefixesOf(text: string): SuggestOptions['prefixes'] {
  const [, ipv4, ipv6 = '64'] = /^(\d{1,2})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const prefixes = { ipv4: Number(ipv4), ipv6: Number(ipv6) };
  if (ipv4 !== undefined && prefixes.ipv4 <= 32 && prefixes.ipv6 <= 128) return prefixes;
  throw new UsageError(
    `Prefix "${text}" cannot be read, write bits for IPv4 and IPv6 such as ${DEFAULT_PREFIXES}`,
  );
}

function notesOn({ rules, notCovered, unusable, passedOver, passedOverFor, broken }: Suggestion): string[] {
  const byAddress = rules
    .filter(({ hostKind }) => hostKind === 'ip')
    .reduce((sum, { seen }) => sum + seen.count, 0);
  const counts: readonly [number, string][] = [
    [byAddress, 'Requests for addresses, whose rules need "resolve: here" in routes with peers'],
    [notCovered, 'Requests that are not covered, because there are too many different ones'],
    [unusable, 'Requests left out, because no policy can allow their method or target'],
    [passedOver, 'Lines passed over, of other traffic or without a decision'],
    ...passedOverFor.map(({ why, count }): [number, string] => [count, `Passed over, ${why}`]),
    [broken, 'Lines that are broken'],
  ];
  const notes = counts.filter(([count]) => count > 0).map(([count, what]) => `${what}: ${count}`);
  return rules.length === 0 ? ['No request to cover', ...notes] : notes;
}
