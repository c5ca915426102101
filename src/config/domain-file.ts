/**
 * Files of domains: one on each line, `#` begins a comment, empty lines are skipped. Every bad line is a problem with its
 * own place.
 */
import { type DomainPattern, parseDomainPattern } from '#match/domains.ts';
import { type Problem, showValue, splitComplaint } from './problems.ts';

/** A file that is no list of domains at all should not report a million lines. */
const MAX_PROBLEMS = 100;

const EXAMPLE = 'Write one domain on each line, such as .example.com';

export interface DomainFile {
  readonly domains: readonly DomainPattern[];
  readonly problems: readonly Problem[];
}

/** Where a domain file is, and which key names it. */
export interface DomainFileSource {
  /** For messages. */
  readonly file: string;
  /** For example `acls.microsoft.dstDomains.file`. */
  readonly path: string;
}

/** Reads the text of a domain file. Never throws. */
export function parseDomainFile(text: string, source: DomainFileSource): DomainFile {
  const domains: DomainPattern[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(/(^|\s)#.*$/, '').trim();
    if (entry === '') continue;
    try {
      domains.push(parseDomainPattern(entry));
    } catch (error) {
      const place = { line: index + 1, column: line.indexOf(entry) + 1 };
      const { message, fix = EXAMPLE } = splitComplaint((error as Error).message);
      problems.push({ ...source, ...place, message, value: showValue(JSON.stringify(entry)), fix });
      if (problems.length === MAX_PROBLEMS) break;
    }
  }
  if (domains.length === 0 && problems.length === 0) {
    const message = 'The file names no domain';
    problems.push({ ...source, line: 1, column: 1, message, value: undefined, fix: EXAMPLE });
  }
  return { domains, problems };
}
