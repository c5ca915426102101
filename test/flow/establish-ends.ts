/** The time to establish is over when a request is sent: how long its answer takes is for other clocks, over which way it ever went. */
import { setTimeout as delay } from 'node:timers/promises';
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

/** More than a busy machine takes to connect and to send. */
const ESTABLISH_MS = 1000;
const RULES = {
  'past the cache': '[{ name: everything, allow: [all] }]',
  'for the cache': '[{ name: everything, allow: [all], cache: true }]',
};

for (const [way, access] of Object.entries(RULES)) {
  scene(
    `an answer ${way} may take longer than that, over a new connection and over a kept one`,
    async (t, { proxy, origin, client, host }) => {
      const far = origin.accept();
      for (const path of ['/new', '/kept']) {
        client.send(`GET http://${host}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        t.match(await (await far).head(), new RegExp(`^GET ${path} `));
        // Nothing tells of a clock that does not run.
        await delay(ESTABLISH_MS * 1.2);
        (await far).send('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nhi');
        t.match(await readAnswer(client), { status: 200, body: 'hi' });
      }
      t.match(await proxy.ended(2), Array(2).fill({ outcome: 'completed', status: 200 }));
    },
    { timeouts: `{ establish: ${ESTABLISH_MS}ms, idle: 1h }`, access },
  );
}
