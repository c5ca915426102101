/**
 * Words and calls that must not appear, or only in the file that owns them, where neither the linter nor the dependency rules
 * can see it. Each ban has a reason and a cure. Also asks every source file for its head comment.
 */
import { type Finding, report, type SourceFile, sourceFiles } from './lib/sources.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly cure: string;
  /** Which files the ban is for; all when left out. */
  readonly applies?: (path: string) => boolean;
}

const inSource = (path: string): boolean => path.startsWith('src/');
/** Where things are done for each transaction. */
const DATA_PATH = /^src\/(?:acl|identity|limit|match|net|peer|pods|proxy|record)\//;
const mayWriteHeads = /^src\/(?:proxy\/(?:(?:reply|response-relay)\.ts|forward[^/]*(?:\/.*)?)|admin\/.*)$/;

const BANS: readonly Ban[] = [
  {
    pattern: /insecureHTTPParser/,
    problem: 'the lenient HTTP parser lets request smuggling in',
    cure: 'refuse what the strict parser refuses',
    applies: inSource,
  },
  {
    pattern: /(?:\/\/|\*|#) *(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/,
    problem: 'a note to self without an issue number',
    cure: 'do it now, or open an issue and write TODO(#123)',
  },
  {
    pattern: /\b[cv]8 ignore\b/,
    problem: 'a comment that would hide code from coverage, and does not',
    cure: 'test it, or delete what cannot happen',
  },
  {
    pattern: /\.writeHead\(|\.statusCode = /,
    problem: 'a status line written outside its owner (only-reply-writes-status)',
    cure: 'throw a ProxyError, and let src/proxy/reply.ts turn it into an answer',
    applies: (path) => inSource(path) && !mayWriteHeads.test(path),
  },
  {
    pattern: /\bprocess\.exit\(/,
    problem: 'the process ended from within',
    cure: 'return or throw; only src/main.ts ends the process',
    applies: (path) => inSource(path) && path !== 'src/main.ts',
  },
  {
    pattern: /^\s+[\w#.?]+\.#?\w+ (?:\?\?|\|\|)?= (?:async )?(?:\([^()]*\)(?:: [^=]+)? =>|\w+ =>|function\b)/,
    problem:
      'a function literal assigned to a property: V8 keeps it, and what it leads to, until a full collection',
    cure: 'assign a function that has a name, or an object that has the method (bench/NOTES.md, Traps)',
    applies: (path) => DATA_PATH.test(path),
  },
  {
    pattern: /@ts-(?:ignore|nocheck)/,
    problem: 'a type error silenced for good',
    cure: 'mend the type, or use @ts-expect-error with a reason',
  },
];

function bannedIn({ path, lines }: SourceFile): readonly Finding[] {
  const bans = BANS.filter(({ applies }) => applies?.(path) ?? true);
  return lines.flatMap((line, index) =>
    bans
      .filter(({ pattern }) => pattern.test(line))
      .map(({ problem, cure }) => ({ at: `${path}:${index + 1}`, problem, cure })),
  );
}

/** A unit test needs no head comment: it is about the file that it mirrors. */
function headless({ path, lines }: SourceFile): readonly Finding[] {
  if (path.startsWith('test/unit/')) return [];
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#!'));
  if (first?.startsWith('/*') || first?.startsWith('//')) return [];
  const cure = 'open with two to six lines: what it decides or owns, and what it leaves to others';
  return [{ at: `${path}:1`, problem: 'no comment at the head of the file', cure }];
}

const files = sourceFiles(['src', 'test', 'bench', 'scripts', 'deploy']);
/** The bans themselves and their tests quote what they ban. */
const quotes = (path: string): boolean =>
  path === 'scripts/check-words.ts' || path.startsWith('test/checks/');

const checked = files.filter(({ path }) => !quotes(path));
report(
  'words',
  checked.flatMap((file) => [...bannedIn(file), ...headless(file)]),
  `${checked.length} files`,
);
