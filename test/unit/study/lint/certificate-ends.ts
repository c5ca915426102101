import t from 'tap';
import { lintCertificates } from '#study/lint/certificate-ends.ts';

const NOW = Date.parse('2026-11-28T00:00Z');
const PATH = ['listeners', 0, 'tls', 'cert'];

t.test(
  'lintCertificates() tells of certificates that have expired and of those that soon will',
  async (t) => {
    const certificates = [
      { use: 'listener main', path: PATH, untilMs: NOW },
      { use: 'peer vm-a', path: ['peers', 'vm-a', 'tls', 'cert'], untilMs: NOW + 1000 },
      { use: 'peer vm-a ca', path: ['peers', 'vm-a', 'tls', 'ca'], untilMs: NOW + 15 * 86_400_000 },
    ];
    t.match(lintCertificates({ certificates }, NOW), [
      {
        code: 'expired-certificate',
        path: PATH,
        message: 'The certificate for listener main expired at 2026-11-28T00:00:00Z',
      },
      {
        code: 'certificate-ends-soon',
        message: 'The certificate for peer vm-a expires at 2026-11-28T00:00:01Z',
      },
    ]);
    t.equal(lintCertificates({ certificates }, NOW).length, 2);
  },
);
