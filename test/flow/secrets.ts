/** Wherever a confused client puts a secret into its request target, no answer and no record of its refusal has it. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const SECRET = 's3cr3t';

const TARGETS: Readonly<Record<string, string>> = {
  'user information before a slash': `GET http://alice:${SECRET}/x@h/`,
  'user information with a slash': `GET http://alice:x/${SECRET}@h/`,
  'user information': `GET http://alice:${SECRET}@h/`,
  'a user name': `GET http://${SECRET}@h/`,
  'the query of a CONNECT to a URL': `CONNECT https://h/?token=${SECRET}`,
  'the path of a CONNECT to a URL': `CONNECT https://h/${SECRET}`,
  'user information of a CONNECT to a URL': `CONNECT https://${SECRET}:x@h/`,
  'a query behind the port': `CONNECT h:443?token=${SECRET}`,
  'a path behind the port': `CONNECT h:443/${SECRET}`,
  'a fragment behind the port': `CONNECT h:443#${SECRET}`,
  'the place of the port': `CONNECT bob:${SECRET}`,
  'user information of a CONNECT': `CONNECT ${SECRET}:x@h:443`,
  'encoded user information': `CONNECT u%3A${SECRET}%40h:443`,
  'the query of a URL in origin-form': `GET /?token=${SECRET}`,
  'a fragment': `GET http://h/#${SECRET}`,
  'the query of another scheme': `GET https://h/?token=${SECRET}`,
};

for (const [title, target] of Object.entries(TARGETS)) {
  // Attacks: secrets.
  scene(`a secret in ${title} is told to nobody`, async (t, { proxy, client }) => {
    client.send(`${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answer = await readAnswer(client);
    t.match(answer.first, /^HTTP\/1\.1 (400|501) /);
    const [record] = await proxy.ended(1);
    t.ok(record?.detail, 'the record says what is wrong');
    t.notMatch(JSON.stringify([answer, record]), SECRET);
  });
}
