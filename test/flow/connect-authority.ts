/** Request targets of CONNECT that are not exactly `host:port`: each is 400, dials nothing, and leaves a record. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const REFUSED: Readonly<Record<string, string>> = {
  'no port': 'origin.example',
  'an empty port': 'origin.example:',
  'port 0': 'origin.example:0',
  'port 65536': 'origin.example:65536',
  'a port with a sign': 'origin.example:+443',
  'a port by name': 'origin.example:https',
  'a port in hexadecimal': 'origin.example:0x1bb',
  'two ports': 'origin.example:443:443',
  'no host': ':443',
  'user information': 'user@origin.example:443',
  'user and password': 'user:secret@origin.example:443',
  'a path': 'origin.example:443/',
  'a query': 'origin.example:443?x=1',
  'a fragment': 'origin.example:443#x',
  'a whole URL': 'http://origin.example:443/',
  'origin-form': '/origin.example:443',
  'an asterisk': '*',
  'an escape in the host': 'origin%2eexample:443',
  'an escape in the port': 'origin.example:%3443',
  'IPv6 without brackets': '::1:443',
  'IPv6 with an open bracket': '[::1:443',
  'IPv6 with a zone': '[fe80::1%eth0]:443',
  'IPv6 with an escaped zone': '[fe80::1%25eth0]:443',
  'IPv6 with more behind the bracket': '[::1]x:443',
  'IPv4 in brackets': '[127.0.0.1]:443',
  IPvFuture: '[v1.x]:443',
  'a decimal IPv4': '2130706433:443',
  'an octal IPv4': '0177.0.0.1:443',
  'an IPv4 with leading zeros': '127.000.000.001:443',
  'a hexadecimal IPv4': '0x7f.0.0.1:443',
  'a hexadecimal IPv4 in one number': '0x7f000001:443',
  'a short IPv4': '127.1:443',
  'an IPv4 of five parts': '127.0.0.0.1:443',
  'an IPv4 out of range': '256.0.0.1:443',
  'an IPv4 with a trailing dot': '127.0.0.1.:443',
  'an empty label': 'origin..example:443',
  'a leading dot': '.origin.example:443',
  'a label that is too long': `${'a'.repeat(64)}.example:443`,
  'a name that is too long': `${'a.'.repeat(127)}example:443`,
  'a comma': 'origin.example,evil.example:443',
  'a semicolon': 'origin.example;x:443',
  'a backslash': 'origin.example\\:443',
  'a quote': "origin.example':443",
};

for (const [title, authority] of Object.entries(REFUSED)) {
  // Attacks: no-dial.
  t.test(`CONNECT with ${title} is refused`, async (t) => {
    await using proxy = await startProxy(yamlOf());
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT ${authority} HTTP/1.1\r\nHost: origin.example:443\r\n\r\n`);
    const answer = await client.rest();
    t.equal(client.ending, 'end');
    t.match(answer, /^HTTP\/1\.1 400 Malformed request \(t\)\r\n/);
    t.match(answer, /\r\nProxy-Status: t;error=http_request_error;details="request_malformed"\r\n/);
    const [record] = await proxy.ended(1);
    t.match(record, { outcome: 'failed', reason: 'request_malformed', error: 'http_request_error' });
    t.match(record, { status: 400, upstreamIp: undefined, rule: undefined, host: undefined });
    t.notMatch(JSON.stringify(record), /secret/, 'no password in the record');
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nothing was dialled');
  });
}

const UNREADABLE: Readonly<Record<string, string>> = {
  'a space in the target': 'CONNECT origin.example:443 x HTTP/1.1\r\nHost: x\r\n\r\n',
  'a space in front of the port': 'CONNECT origin.example: 443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a tab in the target': 'CONNECT origin.example\t:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a NUL in the target': 'CONNECT origin.example\0:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'no target': 'CONNECT HTTP/1.1\r\nHost: x\r\n\r\n',
  'no version': 'CONNECT origin.example:443\r\nHost: x\r\n\r\n',
  'a version of its own': 'CONNECT origin.example:443 HTTP/2.0\r\nHost: x\r\n\r\n',
  'a method in lower case': 'connect origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a space before a colon': 'CONNECT origin.example:443 HTTP/1.1\r\nHost : x\r\n\r\n',
  'a folded field': 'CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n',
  'a bare LF': 'CONNECT origin.example:443 HTTP/1.1\nHost: x\n\n',
  'a bare CR in a field': 'CONNECT origin.example:443 HTTP/1.1\r\nHost: x\rA: b\r\n\r\n',
};

for (const [title, head] of Object.entries(UNREADABLE)) {
  t.test(`a CONNECT head with ${title} is refused`, async (t) => {
    await using proxy = await startProxy(yamlOf());
    await using client = await RawClient.connect(proxy.port);
    client.send(head);
    t.match(await client.rest(), /^HTTP\/1\.1 400 Malformed request \(t\)\r\n/);
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'request_malformed', status: 400 }]);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nothing was dialled');
  });
}
