import t from 'tap';
import { Tri } from '#match/tri.ts';
import {
  compileListeners,
  compileMethods,
  compileSchemes,
  compileUsers,
  parseScheme,
  parseUser,
} from '#match/words.ts';
import { subject } from '../../fixtures/subject.ts';

t.test('compileMethods() compares methods exactly, case included', async (t) => {
  const methods = compileMethods(['CONNECT', 'GET']);
  t.equal(methods.key, 'methods');
  t.ok(Object.isFrozen(methods));
  t.equal(methods.test(subject({ method: 'CONNECT' })), Tri.True);
  t.equal(methods.test(subject({ method: 'GET' })), Tri.True);
  t.equal(methods.test(subject({ method: 'connect' })), Tri.False);
  t.equal(methods.test(subject({ method: 'POST' })), Tri.False);
});

t.test('compileListeners() compares the names of listeners', async (t) => {
  const listeners = compileListeners(['microsoft']);
  t.equal(listeners.key, 'listeners');
  t.ok(Object.isFrozen(listeners));
  t.equal(listeners.test(subject({ listener: 'microsoft' })), Tri.True);
  t.equal(listeners.test(subject({ listener: 'other' })), Tri.False);
});

t.test('parseScheme() takes the one that requests have, and tells how https goes', async (t) => {
  t.equal(parseScheme('HTTP'), 'http');
  t.throws(() => parseScheme('https'), {
    message:
      'Scheme "https" never stands in a request to this proxy, write methods: [CONNECT], through which https goes',
  });
  t.throws(() => parseScheme('ftp'), {
    message: 'Scheme "ftp" never stands in a request to this proxy, write "http"',
  });
});

t.test('compileSchemes() holds for plain HTTP, and not for a CONNECT', async (t) => {
  const schemes = compileSchemes(['http']);
  t.equal(schemes.key, 'schemes');
  t.ok(Object.isFrozen(schemes));
  t.equal(schemes.test(subject({ method: 'GET' })), Tri.True);
  t.equal(schemes.test(subject({ method: 'CONNECT' })), Tri.False);
  t.equal(compileSchemes([]).test(subject({ method: 'GET' })), Tri.False);
});

t.test('parseUser() takes what can stand in front of a colon', async (t) => {
  for (const text of ['alice', 'Älice B', '*', 'a'.repeat(255)]) t.equal(parseUser(text), text);
  for (const text of ['', 'a:b', 'a\nb', 'a'.repeat(256)]) {
    const message = `User "${text}" cannot be a name, write up to 255 characters without colon, or "*" for every user`;
    t.throws(() => parseUser(text), { message });
  }
});

t.test('compileUsers() compares names exactly, and knows nothing without credentials', async (t) => {
  const users = compileUsers(['alice', 'bob']);
  t.equal(users.key, 'users');
  t.ok(Object.isFrozen(users));
  t.equal(users.test(subject({ user: 'bob' })), Tri.True);
  t.equal(users.test(subject({ user: 'Bob' })), Tri.False);
  t.equal(users.test(subject()), Tri.Unknown);
});

t.test('compileUsers() takes * for everyone who has authenticated', async (t) => {
  const users = compileUsers(['*']);
  t.equal(users.test(subject({ user: 'mallory' })), Tri.True);
  t.equal(users.test(subject()), Tri.Unknown);
});
