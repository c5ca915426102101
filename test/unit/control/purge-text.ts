import t from 'tap';
import type { PurgedBy, PurgeResult } from '#control/protocol.ts';
import { purgeJson, purgeText } from '#control/purge-text.ts';

function result(processes: readonly PurgedBy[], kind: 'url' | 'host' = 'host'): PurgeResult {
  return {
    act: 'purge',
    kind,
    target: kind === 'host' ? 'a.example' : 'http://a.example/',
    purged: processes.reduce((sum, { purged }) => sum + (purged ?? 0), 0),
    complete: processes.every(({ purged, fault }) => purged !== null && fault === undefined),
    processes,
  };
}

t.test('a purge is told with how many answers', async (t) => {
  t.equal(purgeText(result([{ pid: 7, purged: 1 }])), 'Purged all of a.example: 1 answer\n');
  const two = result(
    [
      { pid: 7, purged: 2 },
      { pid: 8, purged: 0 },
    ],
    'url',
  );
  t.equal(purgeText(two), 'Purged http://a.example/: 2 answers of 2 processes\n');
  t.match(purgeJson(two), { act: 'purge', complete: true, purged: 2, problems: [] });
});

t.test('one that is not wholly done says so first, then by whom not and what to do', async (t) => {
  const silent = { pid: 8, purged: null };
  const url = result([{ pid: 7, purged: 2 }, silent], 'url');
  t.equal(
    purgeText(url),
    'Not all of http://a.example/ is purged, only 2 answers, and 1 of 2 processes is not done\n' +
      'Process 8 does not answer, and may have what it had: purge again\n',
  );
  t.same(Object.keys(purgeJson(url)).slice(0, 2), ['act', 'complete']);
  t.match(purgeJson(url), {
    complete: false,
    processes: url.processes,
    problems: ['Process 8 does not answer, and may have what it had: purge again'],
  });
  const left = { pid: 7, purged: 1, fault: 'EROFS' };
  t.match(
    purgeText(result([left])),
    /^Not all of a\.example is purged, only 1 answer\nProcess 7 cannot remove all of it from disk \(EROFS\), .+: mend that and purge again before, or empty the folder\n$/,
  );
  t.match(
    purgeText(result([left, silent])),
    /^Not all of a\.example is purged, only 1 answer, and 2 of 2 processes are not done\nProcess 7 .+\nProcess 8 /,
  );
});
