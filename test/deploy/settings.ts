/** deploy/lib/settings.ts: what is read, and that all mistakes are said at once with their lines. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Fault } from '../../deploy/lib/fault.ts';
import { readSettings } from '../../deploy/lib/settings.ts';
import { KEYS, MIN_DAYS } from '../../deploy/lib/settings-table.ts';
import { folderOf } from '../fixtures/owned.ts';

const EXAMPLE = join(import.meta.dirname, '../../deploy/settings.example.env');

function fault(file: string, move?: string): Fault {
  try {
    readSettings(file, move);
  } catch (error) {
    return error as Fault;
  }
  throw new Error('It was read');
}

t.test('the example is read, paths from where it is', (t) => {
  const settings = readSettings(EXAMPLE);
  t.match(settings, {
    project: 'aibang-prod',
    tier2: join(EXAMPLE, '../tier-2'),
    machines: [
      { name: 'int-proxy-a', zone: 'asia-east1-a', address: '10.140.0.10', host: 'int-proxy-a.aibang.com' },
      { name: 'int-proxy-b' },
    ],
    listeners: [
      {
        name: 'microsoft',
        host: 'microsoft.intra.aibang.local',
        address: '10.96.0.128',
        target: 'tcp://bypass-canary.aibang.com:443',
      },
      { name: 'google' },
    ],
    move: [],
    monitoring: ['managed-rules', 'ops-agent'],
    notify: undefined,
  });
  t.same(readSettings(EXAMPLE, 'google').move, ['google']);
  t.same(readSettings(EXAMPLE, 'all').move, ['microsoft', 'google']);
  t.end();
});

t.test('the example has every key, and no other', (t) => {
  const text = readFileSync(EXAMPLE, 'utf8');
  const named = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, key = '']) => key);
  t.same(named.toSorted(), Object.keys(KEYS).toSorted());
  t.end();
});

t.test('no certificate is made for so few days that it is refused at once', (t) => {
  const days = Array.from({ length: 1000 }, (_, day) => day);
  const taken = days.filter((day) => KEYS.CERTIFICATE_DAYS?.pattern.test(String(day)));
  t.same([taken[0], taken.at(-1), taken.length], [MIN_DAYS + 1, 825, 825 - MIN_DAYS]);
  t.end();
});

t.test('ends of lines of another system are told as such', (t) => {
  const file = join(folderOf(t), 'prod.env');
  writeFileSync(file, 'PROJECT=p\r\n\r\n');
  const { message, exitCode } = fault(file);
  t.equal(exitCode, 78);
  t.match(message, 'has carriage returns at its ends of lines');
  t.end();
});

t.test('all that is wrong is said at once, with its line and what to do', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'prod.env');
  writeFileSync(
    join(folder, 'vm.env'),
    'PROJECT=p\nNETWORK=n\nVMS=a/z/10.0.0.1\nDNS_NAME=proxy.example.com\n',
  );
  writeFileSync(
    file,
    'VM_SETTINGS=vm.env\nCERTIFICATES=magic\nPASSWORD=x\nodd\nMONITORING=\nIMAGE=weir\nconstructor=x\nDNS=kube-dns\nMOVE=none\nMOVE=all\n',
  );
  const { message, exitCode } = fault(file);
  t.equal(exitCode, 78);
  t.match(message, `✗ ${file}:2: CERTIFICATES is "magic", and must be openssl or cert-manager`);
  t.match(message, `✗ ${file}:3: "PASSWORD" is no setting\n  To do: write KEY=value`);
  t.match(message, `✗ ${file}:4: "odd" is no setting`);
  t.match(message, `✗ ${file}:10: MOVE is there already\n  To do: say it once`);
  t.match(message, `✗ ${file}:6: IMAGE is "weir", and must be a repository`);
  t.match(message, `✗ ${file}:7: "constructor" is no setting`);
  t.match(message, `✗ ${file}: DNS is kube-dns, and DNS_FOLDER is missing`);
  t.match(message, `✗ ${file}: LISTENERS is missing\n  To do: deploy/settings.example.env says`);
  t.notMatch(message, 'CERTIFICATES is missing');
  t.match(message, `✗ ${join(folder, 'vm.env')}: REGION is missing`);
  t.end();
});

const ODD: Readonly<Record<string, readonly [from: RegExp, to: string, said: RegExp]>> = {
  'neither a digest nor what to push': [/^IMAGE_DIGEST=.*$/m, '', /one of IMAGE_DIGEST and IMAGE_SOURCE/],
  'a digest and what to push': [/^#IMAGE_SOURCE/m, 'IMAGE_SOURCE', /one of IMAGE_DIGEST and IMAGE_SOURCE/],
  'Cloud DNS without a zone': [/^DNS_ZONE=.*$/m, '', /DNS is cloud-dns, and DNS_ZONE is missing/],
  'kube-dns without a folder': [/^DNS=.*$/m, 'DNS=kube-dns', /DNS_FOLDER is missing/],
  'an address that is none': [/10\.96\.0\.128/, '10.96.0.999', /LISTENERS is ".*", and must be/],
  'a certificate for too long': [
    /^#CERTIFICATE_DAYS=90/m,
    'CERTIFICATE_DAYS=826',
    /must be .* from 15 to 825/,
  ],
  'a certificate that would be refused at once': [
    /^#CERTIFICATE_DAYS=90/m,
    'CERTIFICATE_DAYS=14',
    /must be .* from 15 to 825/,
  ],
  'a DNS_TTL that is too long': [/^#DNS_TTL=30/m, 'DNS_TTL=3601', /must be seconds from 5 to 3600/],
  'a listener twice': [/google\/google/, 'microsoft/google', /LISTENERS has microsoft twice/],
  'one to move that there is not': [
    /^MOVE=.*$/m,
    'MOVE=yahoo',
    /MOVE has "yahoo", which is not in LISTENERS/,
  ],
  'secrets within the checkout': [
    /^SECRETS=.*$/m,
    `SECRETS=${join(EXAMPLE, '..')}/keys`,
    /SECRETS is a folder of the checkout/,
  ],
};
t.test('what does not go together is refused', (t) => {
  const text = readFileSync(EXAMPLE, 'utf8').replaceAll('=../', `=${join(EXAMPLE, '..')}/../`);
  const file = join(folderOf(t), 'prod.env');
  for (const [title, [from, to, said]] of Object.entries(ODD)) {
    writeFileSync(file, text.replace(from, to));
    t.match(fault(file), { message: said, exitCode: 78 }, title);
  }
  t.end();
});

t.test('a file that is not there is 66', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'prod.env');
  t.match(fault(file), { message: /Cannot read the settings/, exitCode: 66 });
  writeFileSync(file, 'VM_SETTINGS=none.env\n');
  const { message, exitCode } = fault(file);
  t.equal(exitCode, 66);
  t.match(message, `✗ Cannot read the settings "${join(folder, 'none.env')}"\n  To do: name a copy`);
  t.match(message, `✗ ${file}: LISTENERS is missing`, 'and what else is wrong');
  t.end();
});
