import t from 'tap';
import { ProxyError } from '#errors.ts';
import { ESTABLISHED_LINE, reasonPhrase, statusLine } from '#net/status-line.ts';

const LINES: Readonly<Record<string, readonly [error: ProxyError, line: string]>> = {
  'the rule that denies': [
    new ProxyError('rule_denied', { rule: 'unsafe-port' }),
    'HTTP/1.1 403 Denied by t1 rule unsafe-port',
  ],
  'that no rule allows': [new ProxyError('no_rule_matched'), 'HTTP/1.1 403 Denied by t1, no rule allows it'],
  'the phrase of any other reason, without its rule': [
    new ProxyError('address_prohibited', { rule: 'microsoft-login' }),
    'HTTP/1.1 403 Special-purpose address refused (t1)',
  ],
};

for (const [what, [error, line]] of Object.entries(LINES)) {
  t.test(`statusLine() tells ${what}`, async (t) => {
    t.equal(statusLine('t1', error), line);
    t.equal(reasonPhrase('t1', error), line.slice('HTTP/1.1 403 '.length));
  });
}

t.test('ESTABLISHED_LINE is a status line', async (t) => {
  t.match(ESTABLISHED_LINE, /^HTTP\/1\.1 200 \w/);
});
