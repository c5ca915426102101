/**
 * `time` means the same to Squid and, through the importer, to Weir at any instant: both run under faketime, and are asked at the
 * edges of random windows, on days when the clock is put forward and back too.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { type Chance, chanceOf } from '../fixtures/chance.ts';
import { folderOf } from '../fixtures/owned.ts';
import { emptyOrigin, importLines, startSquid, statusOf, testable } from '../fixtures/squid-pair.ts';
import { needTool } from '../fixtures/tools.ts';
import { keep } from '../fixtures/weir.ts';

const ZONE = 'Europe/Berlin';
const SEED = 20_261_130;
const ACLS = 14;
/** A week, and the days when summer time begins and ends. */
const DAYS = ['2026-03-29', '2026-10-25', ...[16, 17, 18, 19, 20, 21, 22].map((day) => `2026-11-${day}`)];

interface Window {
  readonly start: number;
  readonly end: number;
}

interface TimeAcl {
  readonly text: string;
  readonly windows: readonly Window[];
}

function randomAcl(chance: Chance): TimeAcl {
  const windows = Array.from({ length: 1 + chance.below(2) }, () => {
    // Half of them where the clock is put forward and back.
    const start = chance.below(2) === 0 ? 60 + chance.below(120) : chance.below(1380);
    return { start, end: Math.min(start + chance.below(400), 1439) };
  });
  const texts = windows.map(({ start, end }) => {
    const days = chance.pick(['', '', 'S ', 'MTWHF ', 'D ', 'SA ', 'A ', 'MWF ']);
    return `${days}${clock(start)}-${clock(end)}`;
  });
  return { text: texts.join(' '), windows };
}

function clock(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** In the middle of the minutes around the edges of the ACL's first window. */
function edgesOf({ windows: [window] }: TimeAcl, chance: Chance): number[] {
  const { start, end } = window ?? { start: 0, end: 0 };
  return [start - 1, start, end, end + 1].map((minutes) => {
    const day = Temporal.PlainDate.from(chance.pick(DAYS));
    const local = day.toPlainDateTime().add({ minutes, seconds: 30 });
    return local.toZonedDateTime(ZONE, { disambiguation: chance.pick(['earlier', 'later']) })
      .epochMilliseconds;
  });
}

/** What has a program go by the clock that {@link setClock} sets. */
function clockEnv(faketime: string, file: string): Readonly<Record<string, string>> {
  const library = execFileSync(faketime, ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  return {
    LD_PRELOAD: library.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
    TZ: ZONE,
  };
}

/** From here on it is `instantMs`, and goes on. */
function setClock(file: string, instantMs: number): void {
  const offset = Math.round((instantMs - Date.now()) / 1000);
  writeFileSync(`${file}.new`, `${offset < 0 ? '' : '+'}${offset}\n`);
  renameSync(`${file}.new`, file);
}

async function start(t: Test, [squid, faketime]: readonly [string, string], acls: readonly TimeAcl[]) {
  const folder = folderOf(t);
  chmodSync(folder, 0o755);
  const file = join(folder, 'clock');
  setClock(file, Temporal.Instant.from('2026-03-01T00:00:00Z').epochMilliseconds);
  const lines = acls.flatMap(({ text }, index) => [
    `acl t${index} time ${text}`,
    `acl p${index} urlpath_regex ^/${index}$`,
    `http_access allow p${index} t${index}`,
  ]);
  const imported = await importLines(folder, [...lines, 'http_access deny all'], ZONE);
  writeFileSync(join(folder, 'weir.yaml'), testable(imported));
  const env = clockEnv(faketime, file);
  const weir = keep(t, await WeirProcess.startUnder(env, join(folder, 'weir.yaml')));
  const squids = await startSquid(t, squid, { lines: [...lines, 'http_access deny all'], env });
  return { file, ports: [squids.port, weir.port] as const };
}

t.test('time means the same to Squid and to Weir at any instant', async (t) => {
  const programs = [await needTool(t, 'squid'), await needTool(t, 'faketime')] as const;
  const [squid, faketime] = programs;
  if (squid === undefined || faketime === undefined) return;
  const chance = chanceOf(SEED * 2_654_435_761);
  const acls = Array.from({ length: ACLS }, () => randomAcl(chance));
  const instants = acls.flatMap((acl) => edgesOf(acl, chance)).sort((a, b) => a - b);
  const { port } = await emptyOrigin(t);
  const { file, ports } = await start(t, [squid, faketime], acls);
  const tally: Record<string, number> = {};
  for (const instant of instants) {
    setClock(file, instant);
    const statuses = await Promise.all(
      acls.map(async (_, index) => {
        const request = { method: 'GET', host: 'a.example', port, path: `/${index}` } as const;
        return await Promise.all(ports.map((at) => statusOf(at, request)));
      }),
    );
    for (const [index, [squids, weirs]] of statuses.entries()) {
      tally[`${squids} ${weirs}`] = (tally[`${squids} ${weirs}`] ?? 0) + 1;
      const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(ZONE).toString();
      if (squids !== weirs) t.fail('the verdicts differ', { acl: acls[index]?.text, local, squids, weirs });
    }
  }
  t.comment(JSON.stringify(tally));
  t.ok((tally['200 200'] ?? 0) > 50, 'both allowed some');
  t.ok((tally['403 403'] ?? 0) > 50, 'and denied some');
});
