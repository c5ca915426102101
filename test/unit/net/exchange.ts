import t from 'tap';
import { ProxyError } from '#errors.ts';
import { ExchangeError } from '#net/exchange.ts';

t.test('ExchangeError tells the reason, how far the exchange had come, and what broke it off', async (t) => {
  const cause = new Error('socket hang up');
  const error = new ExchangeError('connection_terminated', 'sent', cause);
  t.type(error, ProxyError);
  t.equal(error.reason, 'connection_terminated');
  t.equal(error.phase, 'sent');
  t.equal(error.message, 'Cannot complete the exchange (sent): socket hang up');
  t.equal(error.cause, cause);
});

t.test('ExchangeError takes anything for a cause', async (t) => {
  t.equal(
    new ExchangeError('response_timeout', 'answering', 'Silent too long').message,
    'Cannot complete the exchange (answering): Silent too long',
  );
});

t.test('ExchangeError tells a fault of TLS in our words', async (t) => {
  const cause = Object.assign(new Error('40:error:0A0:ssl3.c:918:\n'), { code: 'CERT_HAS_EXPIRED' });
  t.equal(
    new ExchangeError('tls_certificate_error', 'connecting', cause).message,
    'Cannot complete the exchange (connecting): certificate has expired (CERT_HAS_EXPIRED)',
  );
});
