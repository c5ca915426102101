import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Trouble } from '#pods/api-session.ts';
import { Watch } from '#pods/watch.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { type PodParts, v1Pod } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

class Follower implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly restarts: Trouble[] = [];
  readonly waits: number[] = [];
  contacts = 0;
  isFaulty = false;
  readonly #watch: Watch<string>;

  constructor(server: string, patience = {}) {
    const uid = (object: unknown): string | undefined => {
      const { metadata } = object as { readonly metadata: { readonly uid: string } };
      return metadata.uid === 'skip' ? undefined : metadata.uid;
    };
    this.#watch = new Watch<string>({
      api: { server, tokenFile: undefined, caFile: undefined },
      followed: {
        path: '/api/v1/pods',
        query: {},
        read: uid,
        gone: (object) => `-${uid(object)}`,
      },
      patience,
      sink: {
        replace: (things) => {
          const { isFaulty } = this;
          this.isFaulty = false;
          if (isFaulty) throw new TypeError('A fault of our own');
          this.heard.push(`=${things.join(',')}`);
        },
        change: (thing) => this.heard.push(thing),
        contact: () => {
          this.contacts += 1;
        },
        restart: ({ trouble }, waitMs) => {
          this.restarts.push(trouble);
          this.waits.push(waitMs);
        },
      },
      wait: async () => {
        await turn();
      },
    });
  }

  async until(heard: string): Promise<void> {
    await eventually(() => this.heard.at(-1) === heard, `${heard}; heard was ${this.heard.slice(-5)}`);
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function following(
  title: string,
  play: (t: Test, api: ApiServer, follower: Follower) => Promise<void>,
): void {
  t.test(title, async (t) => {
    await using api = await ApiServer.start();
    for (const uid of ['a', 'b', 'skip']) put(api, uid);
    await using follower = new Follower(api.url);
    await follower.until('=a,b');
    await api.untilWatched();
    await play(t, api, follower);
  });
}

function put(api: ApiServer, uid: string, parts: PodParts = {}): void {
  api.put(v1Pod({ uid, ...parts }));
}

following('a watch hears changes, and bookmarks as a word from the server', async (t, api, follower) => {
  put(api, 'c');
  await follower.until('c');
  api.remove('a');
  await follower.until('-a');
  put(api, 'skip');
  const { contacts } = follower;
  api.bookmark();
  await eventually(() => follower.contacts > contacts, 'contact');
  t.same(follower.heard, ['=a,b', 'c', '-a']);
  t.match(api.requests.at(-1), /allowWatchBookmarks=true/);
});

following('events that are cut anywhere are whole', async (_, api, follower) => {
  for (const pieceBytes of [1, 2, 3, 7, 64]) {
    api.pieceBytes = pieceBytes;
    put(api, `ü${pieceBytes}`);
    await follower.until(`ü${pieceBytes}`);
  }
});

following('a watch that ends goes on from where it was', async (t, api, follower) => {
  put(api, 'c');
  await follower.until('c');
  api.endWatches();
  await eventually(() => follower.restarts.length === 1, 'the end');
  put(api, 'd');
  await follower.until('d');
  await api.untilWatched();
  api.drop();
  await eventually(() => follower.restarts.length === 2, 'the break');
  put(api, 'e');
  await follower.until('e');
  t.same(follower.restarts, ['ended', 'disconnected']);
  t.same(follower.heard, ['=a,b', 'c', 'd', 'e'], 'and hears nothing twice');
  t.equal(api.asked.lists, 1);
});

following('a bookmark is where it goes on from', async (t, api, follower) => {
  api.bookmark();
  await eventually(() => follower.contacts > 3, 'contact');
  const [, version] = /resourceVersion=(\d+)/.exec(api.requests.at(-1) ?? '') ?? [];
  api.endWatches();
  await eventually(() => api.asked.watches === 2, 'the next watch');
  const [, next] = /resourceVersion=(\d+)/.exec(api.requests.at(-1) ?? '') ?? [];
  t.equal(Number(next), Number(version) + 1);
});

following('what is too old to be told is listed anew', async (t, api, follower) => {
  api.fail(410);
  await eventually(() => api.asked.watches === 2, 'the next watch');
  t.equal(api.asked.lists, 2);
  await api.untilWatched(1);
  api.remove('a');
  await follower.until('-a');
  api.drop();
  api.compact();
  await follower.until('=b');
  t.same(follower.restarts, ['expired', 'disconnected', 'expired']);
});

following('after an error, or what makes no sense, there is a new list', async (t, api, follower) => {
  const expected: Trouble[] = [];
  const troubles: readonly [Trouble, () => void][] = [
    ['failed', () => api.fail(500)],
    ['malformed', () => api.sendRaw('{"type":\n')],
    ['malformed', () => api.sendRaw('{"type":"ADDED","object":{"metadata":{"uid":"x"}}}\n')],
    ['malformed', () => api.sendRaw('null\n')],
  ];
  for (const [index, [trouble, cause]] of troubles.entries()) {
    cause();
    expected.push(trouble);
    await eventually(() => api.asked.lists === index + 2, 'the next list');
    await api.untilWatched(1);
  }
  t.same(follower.restarts, expected);
});

following('what cannot be heard of is left out', async (t, api, follower) => {
  api.sendRaw('{"type":"NEWS","object":{"metadata":{"uid":"x","resourceVersion":"900"}}}\n');
  put(api, 'c');
  await follower.until('c');
  t.same(follower.heard, ['=a,b', 'c']);
});

t.test('a list comes in pages, of one moment', async (t) => {
  await using api = await ApiServer.start();
  for (let at = 0; at < 450; at += 1) put(api, `p${at}`);
  api.next((response, query) => {
    t.equal(query.get('limit'), '200');
    // While it is read, something changes.
    setImmediate(() => put(api, 'late'));
    response.destroy();
  });
  await using follower = new Follower(api.url);
  await follower.until(`=${Array.from({ length: 450 }, (_, at) => `p${at}`).join(',')}`).catch(() => {});
  t.match(follower.heard[0], /^=p0,p1,.*p449/);
  t.ok(api.asked.lists >= 4);
  t.match(api.requests.at(-2), /continue=\d+-400/);
});

t.test('a list that expires between its pages begins anew', async (t) => {
  await using api = await ApiServer.start();
  for (let at = 0; at < 201; at += 1) put(api, `p${at}`);
  // The second page.
  api.next((response) => {
    response.end(JSON.stringify({ metadata: { resourceVersion: '1', continue: 'old-200' }, items: [] }));
  });
  await using follower = new Follower(api.url);
  await eventually(() => follower.heard.length === 1, 'a list');
  t.same(follower.restarts, ['expired']);
  t.equal(follower.heard[0]?.split(',').length, 201);
});

t.test('a list that makes no sense, or is refused, is asked for again and later each time', async (t) => {
  await using api = await ApiServer.start();
  api.refuseNext(403);
  api.refuseNext(401);
  api.refuseNext(503);
  for (const answer of ['{}', '[1]', '{"metadata":{"resourceVersion":"1"}}', '{"items":[]}', 'no json']) {
    api.next((response) => response.end(answer));
  }
  api.next((response) => response.end('{"metadata":{"resourceVersion":"1"},"items":null}'));
  await using follower = new Follower(api.url);
  await follower.until('=');
  const malformed = Array.from({ length: 5 }, () => 'malformed');
  t.same(follower.restarts, ['refused', 'refused', 'failed', ...malformed]);
  t.ok(follower.waits.every((ms, index) => ms >= 250 * 2 ** Math.min(index, 5)));
});

t.test('a server that is silent, or not there, is asked again', async (t) => {
  await using api = await ApiServer.start();
  await using follower = new Follower(api.url, { patienceMs: 10_000, silenceMs: 1 });
  await follower.until('=');
  await eventually(() => follower.restarts.length >= 2, 'restarts');
  t.same(new Set(follower.restarts), new Set(['silent']));
  t.equal(api.asked.lists, 1);
  await using nowhere = new Follower('http://127.0.0.1:9');
  await eventually(() => nowhere.restarts.length >= 2, 'restarts');
  t.same(new Set(nowhere.restarts), new Set(['unreachable']));
});

t.test('a list without an end is none', async (t) => {
  await using api = await ApiServer.start();
  for (let at = 0; at < 2000; at += 1) {
    api.next((response) => response.end('{"metadata":{"resourceVersion":"1","continue":"x"},"items":[]}'));
  }
  await using follower = new Follower(api.url);
  await follower.until('=');
  t.same(follower.restarts, ['malformed']);
  t.equal(api.asked.lists, 2001);
});

t.test('a fault of our own is no reason to be without things', async (t) => {
  await using api = await ApiServer.start();
  put(api, 'a');
  await using follower = new Follower(api.url);
  follower.isFaulty = true;
  await follower.until('=a');
  t.same(follower.restarts, ['malformed']);
});

t.test('stop() ends it while it waits', async (t) => {
  const restarted = Promise.withResolvers<number>();
  const nothing = (): undefined => undefined;
  const watch = new Watch<string>({
    api: { server: undefined, tokenFile: undefined, caFile: undefined },
    followed: { path: '/', query: {}, read: nothing, gone: nothing },
    sink: {
      replace: nothing,
      change: nothing,
      contact: nothing,
      restart: (_, waitMs) => restarted.resolve(waitMs),
    },
  });
  t.ok((await restarted.promise) >= 250);
  await watch.stop();
});

t.test('stop() ends it wherever it is', async (t) => {
  await using api = await ApiServer.start();
  api.next(() => {});
  const listing = new Follower(api.url);
  await eventually(() => api.requests.length === 1, 'a request');
  await listing.stop();
  const beginning = new Follower(api.url);
  await beginning.stop();
  t.same([...listing.restarts, ...beginning.restarts], []);
  t.equal(api.requests.length, 1);
});
