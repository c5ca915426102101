/** Findings as SARIF 2.1.0, which code review shows beside the lines they are about. */
import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem } from '#config/problems.ts';
import {
  FINDINGS,
  type Finding,
  type FindingCode,
  findingOfProblem,
  type Level,
  sentencesOf,
} from './finding.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HELP = 'docs/lint.md';

const LEVELS: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** The log of one run; `version` is Weir's. */
export function sarifOf(problems: readonly Problem[], findings: readonly Finding[], version: string): object {
  const rules = Object.entries(FINDINGS).map(([id, { level, title }]) => ({
    id,
    shortDescription: { text: title },
    help: { text: `${title}: see ${HELP}` },
    defaultConfiguration: { level: LEVELS[level] },
  }));
  const results = [
    ...problems.map((problem) => resultOf(findingOfProblem(problem))),
    ...findings.map(resultOf),
  ];
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'weir', version, rules } }, columnKind: 'utf16CodeUnits', results }],
  };
}

const CODES = Object.keys(FINDINGS) as readonly FindingCode[];

type Told = Omit<Finding, 'path'>;

function resultOf({ file, line, column, code, level, witness, ...said }: Told): object {
  const example = witness === undefined ? '' : ` For example: ${witness.text}.`;
  return {
    ruleId: code,
    ruleIndex: CODES.indexOf(code),
    level: LEVELS[level],
    message: { text: `${sentencesOf(said)}.${example}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

/** A reference as RFC 3986 has it; a relative name stays relative, for the review to find it in its repository. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(sep).map(encodeURIComponent).join('/');
}
