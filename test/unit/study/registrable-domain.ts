import t from 'tap';
import { registrableDomain } from '#study/registrable-domain.ts';

const ROWS: Readonly<Record<string, string | undefined>> = {
  'login.microsoft.com': 'microsoft.com',
  'microsoft.com': 'microsoft.com',
  'a.b.example.co.uk': 'example.co.uk',
  'my_host.example.com': 'example.com',
  'www.xn--bcher-kva.example': undefined,
  // Public suffixes are no domains.
  com: undefined,
  'co.uk': undefined,
  'github.io': undefined,
  's3.amazonaws.com': undefined,
  // Below a private suffix everyone is an owner of their own.
  'a.b.github.io': 'b.github.io',
  'bucket.s3.amazonaws.com': 'bucket.s3.amazonaws.com',
  'x.y.compute.amazonaws.com': 'x.y.compute.amazonaws.com',
  'y.compute.amazonaws.com': undefined,
  // What would cover a public suffix.
  'sts.amazonaws.com': undefined,
  'x.windows.net': undefined,
  'b.ck': undefined,
  'a.b.ck': 'a.b.ck',
  'www.ck': 'www.ck',
  // Suffixes that are on no list.
  'api.payments.svc.cluster.local': undefined,
  localhost: undefined,
};

for (const [host, domain] of Object.entries(ROWS)) {
  t.test(`registrableDomain() of ${host} is ${domain ?? 'none'}`, async (t) => {
    t.equal(registrableDomain(host), domain);
  });
}
