import t from 'tap';
import { ProxyError, REASONS, type Reason, type ReasonFacts } from '#errors.ts';
import { HINTS } from '#hints.ts';
import { RFC_9209 } from '../fixtures/rfc9209.ts';

/** Where our status differs from the recommended one, and why. */
const EXCEPTIONS: Readonly<Partial<Record<Reason, number>>> = {
  // Egress tools answer a refusal by policy with 403; 502 would look like a fault.
  name_prohibited: 403,
  address_prohibited: 403,
  // A peer's 407 is about our credentials: a bad gateway to the client.
  peer_auth_required: 502,
  // A scheme that we do not speak is not the client's mistake (RFC 9110 section 15.6.2).
  scheme_unsupported: 501,
  // A disk that is full has room again: 503 tells clients and balancers to come back (docs/audit.md).
  audit_unavailable: 503,
};

const rows = Object.entries(REASONS) as [Reason, ReasonFacts][];

for (const [reason, facts] of rows) {
  t.test(`REASONS.${reason} has the status that RFC 9209 recommends, or a documented one`, async (t) => {
    if (facts.type === undefined) return;
    const recommended = RFC_9209[facts.type];
    t.not(recommended, undefined, 'its type is registered');
    if (EXCEPTIONS[reason] !== undefined) {
      t.equal(facts.status, EXCEPTIONS[reason]);
      t.not(facts.status, recommended, 'the exception is one');
    } else if (recommended === '4xx') {
      t.ok(facts.status >= 400 && facts.status < 500, String(facts.status));
    } else {
      t.equal(facts.status, recommended);
    }
  });

  t.test(`REASONS.${reason} is consistent in itself`, async (t) => {
    t.match(facts.phrase, /^[A-Z][ -~]{2,59}$/, 'a phrase that fits a status line');
    t.equal(facts.hint, HINTS[reason]);
    t.ok(facts.status === 0 || (facts.status >= 400 && facts.status <= 599), 'an error status, or none');
    t.equal(facts.outcome === 'client_gone', reason === 'client_gone');
    if (facts.source === 'policy')
      t.match(facts.outcome, /^(denied|revoked)$/, 'policy refuses, it does not fail');
    if (facts.retryable) t.equal(facts.source, 'peer', 'only a fault of a peer makes another worth trying');
    t.ok(!(facts.retryable && facts.outcome === 'denied'), 'a refusal is never retried');
    if (reason !== 'credentials_wanted')
      t.not(facts.status, 407, 'a 407 needs Proxy-Authenticate, which reply.ts gives to one');
  });
}

t.test('ProxyError carries its reason, rule, detail and cause', async (t) => {
  const cause = new Error('why');
  const error = new ProxyError('rule_denied', {
    rule: 'unsafe-port',
    detail: 'Denied by rule "unsafe-port"',
    cause,
  });
  t.ok(error instanceof Error);
  t.equal(error.name, 'ProxyError');
  t.equal(error.reason, 'rule_denied');
  t.equal(error.rule, 'unsafe-port');
  t.equal(error.message, 'Denied by rule "unsafe-port"');
  t.equal(error.cause, cause);
});

t.test('ProxyError without detail says its phrase', async (t) => {
  const error = new ProxyError('no_route');
  t.equal(error.message, 'No route');
  t.equal(error.rule, undefined);
  t.equal(error.cause, undefined);
});

t.test('ProxyError.from() leaves a ProxyError as it is', async (t) => {
  const error = new ProxyError('dns_error');
  t.equal(ProxyError.from(error), error);
});

t.test('ProxyError.from() makes any other error internal, and keeps it as the cause', async (t) => {
  const cause = new TypeError('x is not a function');
  const error = ProxyError.from(cause);
  t.equal(error.reason, 'internal_error');
  t.equal(error.message, 'x is not a function');
  t.equal(error.cause, cause);
});

t.test('ProxyError.from() makes anything else thrown internal too', async (t) => {
  const error = ProxyError.from('text');
  t.equal(error.reason, 'internal_error');
  t.equal(error.message, 'text');
  t.equal(error.cause, 'text');
});
