import t from 'tap';
import { asksOfConnection, isAboutConnection, signsConnectionIn } from '#net/connection-auth.ts';

const SCHEMES = ['NTLM', 'ntlm', 'Negotiate', 'Nego2', 'Kerberos'];

t.test('signsConnectionIn() knows the schemes that are about a connection, in any case', async (t) => {
  for (const scheme of SCHEMES) {
    t.ok(signsConnectionIn(['Host', 'a', 'AUTHORIZATION', `${scheme} TlRMTVNTUAAD`]), scheme);
    t.ok(
      signsConnectionIn(['Authorization', 'Basic YTpi', 'authorization', `\t${scheme}`]),
      'a second field',
    );
  }
  for (const value of ['Basic YTpi', 'Bearer ntlm', 'NTLMv3 a', ''])
    t.notOk(signsConnectionIn(['Authorization', value, 'Authorisation', 'x', 'X', 'NTLM a']), value);
  t.notOk(signsConnectionIn([]));
});

t.test('asksOfConnection() finds them among other schemes', async (t) => {
  for (const scheme of SCHEMES) {
    t.ok(asksOfConnection(['Server', 'a', 'WWW-Authenticate', scheme]), scheme);
    t.ok(asksOfConnection(['www-authenticate', `Basic realm="a", ${scheme} YII=`]), 'in a list');
  }
  t.notOk(asksOfConnection(['WWW-Authenticate', 'Basic realm="a"', 'X', 'NTLM', 'Www-Authentikate', 'NTLM']));
  t.ok(isAboutConnection('NTLM'));
  t.notOk(isAboutConnection('Digest realm="a"'));
});
