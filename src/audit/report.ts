/** What `weir audit verify` says about a trail, for people and for programs. */
import type { Gap } from './chain-check.ts';
import type { Verification } from './verify-files.ts';

const GAPS_SHOWN = 10;

/** Whether signatures were looked at. */
export interface ReportOptions {
  readonly hasKeys: boolean;
}

/** Lines for a terminal. */
export function reportText(found: Verification, { hasKeys }: ReportOptions): string {
  const lines = [
    ...findingLines(found),
    countLine(found),
    ...gapLines(found.gaps),
    checkpointLine(found, hasKeys),
  ];
  return `${lines.join('\n')}\n`;
}

/** For programs. */
export function reportJson(found: Verification, { hasKeys }: ReportOptions): object {
  const { finding, files, records, first, last, gaps, checkpoints } = found;
  return {
    valid: finding === undefined,
    finding: finding && { ...finding, file: finding.place.file, line: finding.place.line, place: undefined },
    files,
    records,
    first,
    last: last?.seq,
    hash: last?.hash,
    gaps,
    checkpoints: { ...checkpoints, areChecked: hasKeys },
  };
}

function findingLines({ finding }: Verification): string[] {
  if (finding === undefined) return [];
  const { kind, place, message } = finding;
  const where = place.line === 0 ? place.file : `${place.file}:${place.line}`;
  return [`${where}: ${kind}: ${message}`];
}

function countLine({ finding, records, first, last, files }: Verification): string {
  if (first === undefined || last === undefined) return 'No record holds';
  const until = finding === undefined ? 'The chain holds' : 'The chain holds until there';
  const count = `${counted(records, 'record')}, ${first} to ${last.seq}, in ${counted(files.length, 'file')}`;
  const earlier = first === 1 ? '' : `; it begins with record ${first}, what was before is not here`;
  return `${until}: ${count}, the last with hash ${last.hash}${earlier}`;
}

function gapLines(gaps: readonly Gap[]): string[] {
  const shown = gaps.slice(0, GAPS_SHOWN).map(({ seq, time, lost, why }) => {
    const what = lost === 0 ? 'a line was torn' : `${counted(lost, 'record')} lost`;
    return `Gap: record ${seq} of ${time} says that ${what}: ${why}`;
  });
  const more = gaps.length - GAPS_SHOWN;
  return more > 0 ? [...shown, `and ${more} more gaps`] : shown;
}

function checkpointLine(
  { finding, checkpoints: { count, proven, last, after } }: Verification,
  hasKeys: boolean,
): string {
  if (!hasKeys)
    return `${counted(count, 'checkpoint')}, whose signatures were not checked: name the public key by --key. Without it, whoever could write the files could have made them all anew`;
  if (last === undefined && finding !== undefined && finding.place.line > 0)
    return 'No signed checkpoint before that place; what stands behind it was not read';
  if (last === undefined)
    return 'No signed checkpoint: whoever could write the files could have made them all anew';
  const open = after === 0 ? 'none stands behind it' : `${counted(after, 'record')} behind it not signed yet`;
  return `${counted(proven, 'checkpoint')} signed, the last is record ${last}; ${open}`;
}

function counted(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
