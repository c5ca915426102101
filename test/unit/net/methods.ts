import t from 'tap';
import { METHODS } from '#net/methods.ts';

t.test('METHODS has what clients send through a proxy', async (t) => {
  for (const method of ['CONNECT', 'GET', 'OPTIONS', 'PATCH', 'TRACE'])
    t.ok(METHODS.includes(method), method);
});
