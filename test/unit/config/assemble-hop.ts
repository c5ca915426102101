import t from 'tap';
import { hopOptions, withDirectory } from '#config/assemble-hop.ts';
import type { Companions } from '#config/companions.ts';
import { keyOf } from '../../fixtures/assertions.ts';
import { NO_FILES } from '../../fixtures/companions.ts';

const FILES: Companions = {
  ...NO_FILES,
  keys: new Map([
    ['a', [keyOf(1), keyOf(2)]],
    ['b', [keyOf(3)]],
  ]),
};

t.test('hopOptions() is silent where nothing is said', async (t) => {
  const nothing = { trustFrom: undefined, verify: undefined, assert: undefined };
  t.strictSame(hopOptions({}, FILES), nothing);
  t.strictSame(hopOptions({ trust: { from: ['x'] } }, FILES), { ...nothing, trustFrom: ['x'] });
});

t.test('hopOptions() has the keys that the files hold, in their order', async (t) => {
  const trust = { from: ['x'], keyFiles: ['b', 'a', 'gone'], audience: ['t2:1'], replayDirectory: 'r' };
  t.strictSame(hopOptions({ assert: { keyFile: 'a', labels: ['app'] }, trust }, FILES), {
    trustFrom: ['x'],
    verify: { keys: [keyOf(3), keyOf(1), keyOf(2)], audience: ['t2:1'], replayDirectory: 'r' },
    assert: { keys: [keyOf(1), keyOf(2)], labels: ['app'] },
  });
  t.match(hopOptions({ assert: { keyFile: 'a' }, trust: { from: ['x'], keyFiles: ['a'] } }, FILES), {
    verify: { audience: [], replayDirectory: undefined },
    assert: { labels: [] },
  });
});

t.test('withDirectory() has the directory where the process finds it', async (t) => {
  const absolute = (name: string): string => `/etc/${name}`;
  const verify = { keys: [], audience: [], replayDirectory: 'r' };
  const hop = { trustFrom: ['x'], verify, assert: undefined };
  t.same(withDirectory(hop, absolute), { ...hop, verify: { ...verify, replayDirectory: '/etc/r' } });
  for (const none of [undefined, { ...verify, replayDirectory: undefined }]) {
    const same = { ...hop, verify: none };
    t.equal(withDirectory(same, absolute), same);
  }
});
