import t from 'tap';
import { OwnPorts, ownPort } from '#net/own-ports.ts';
import { ip } from '../../fixtures/subject.ts';

/** What this host has, in these tests, beside loopback. */
const HOST = new Set(['198.41.0.4', '2606:4700::1']);

const ALL = ['127.0.0.1', '127.9.9.9', '::1', '198.41.0.4', '2606:4700::1', '0.0.0.0', '::'];

const LISTENERS: readonly [host: string, own: readonly string[]][] = [
  ['0.0.0.0', ALL],
  ['::', ALL],
  ['0:0:0:0:0:0:0:0', ALL],
  ['::ffff:0.0.0.0', ALL],
  ['127.0.0.1', ['127.0.0.1', '0.0.0.0', '::']],
  ['::ffff:127.0.0.1', ['127.0.0.1', '0.0.0.0', '::']],
  ['0:0:0:0:0:0:0:1', ['::1', '0.0.0.0', '::']],
  ['198.41.0.4', ['198.41.0.4', '0.0.0.0', '::']],
];

for (const [host, own] of LISTENERS) {
  t.test(`OwnPorts knows the ways back to a listener on ${host}, and no others`, async (t) => {
    const ports = new OwnPorts([ownPort(host, 3128)], HOST);
    for (const text of [...ALL, '93.184.216.34', '2606:4700::2']) {
      t.equal(ports.has(ip(text), 3128), own.includes(text), text);
      t.notOk(ports.has(ip(text), 3129), `${text} on another port`);
    }
    t.equal(ports.has(ip('::ffff:127.0.0.1'), 3128), own.includes('127.0.0.1'), 'IPv4-mapped');
  });
}

t.test('OwnPorts takes what cannot be read for every address of this host', async (t) => {
  const ports = new OwnPorts([ownPort('localhost', 3128)], HOST);
  t.ok(ports.has(ip('127.0.0.1'), 3128));
  t.ok(ports.has(ip('198.41.0.4'), 3128));
});

t.test('OwnPorts knows several on one port, and on several', async (t) => {
  const ports = new OwnPorts([ownPort('127.0.0.1', 1), ownPort('127.0.0.2', 1), ownPort('::1', 2)], HOST);
  const known = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1'].map((text) =>
    [1, 2].map((port) => ports.has(ip(text), port)),
  );
  t.same(known, [
    [true, false],
    [true, false],
    [false, false],
    [false, true],
  ]);
});
