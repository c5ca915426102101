/** Has a next hop asked on behalf of the cache, under the clocks of its own. */
import { ProxyError } from '#errors.ts';
import type { Passage } from './admit.ts';
import { startEstablishClock } from './establish-clock.ts';
import type { Fetch } from './fetch.ts';
import { forward } from './forward.ts';

const NO_HEAD = Buffer.alloc(0);

/** Has the next hop asked; `fetch` tells what comes of it. */
export function launch(fetch: Fetch, passage: Passage): void {
  const { view } = fetch;
  const { cache, drain } = view.context;
  cache.begin(fetch);
  drain.begin(view);
  startEstablishClock(view);
  const exchange = {
    tx: view,
    request: fetch.req,
    response: fetch,
    upgrade: undefined,
    head: NO_HEAD,
    wholeBody: undefined,
  };
  void forward(exchange, passage)
    .catch((thrown) => fetch.fail(ProxyError.from(thrown)))
    .finally(() => {
      view.deadline.clear();
      view.phase = undefined;
      fetch.incoming.close();
      cache.end(fetch);
      drain.end(view);
    });
}
