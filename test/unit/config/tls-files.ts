/** What is wrong with certificates, keys and passwords is told at the key of the file that names them. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { passwordIn } from '#config/tls-files.ts';
import { complaints, config } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [good, other, expired] = await Promise.all([
  issuer.issue('good.test'),
  issuer.issue('other.test'),
  issuer.issue('expired.test', { days: -1 }),
]);

async function file(name: string, text: string): Promise<string> {
  const path = join(issuer.folder, name);
  await writeFile(path, text);
  return path;
}

/** Path of what openssl writes. */
async function openssl(...args: readonly string[]): Promise<string> {
  const path = join(issuer.folder, `${args.length}-${args[0]}.out`);
  const { status, stderr } = await run('openssl', [...args, '-out', path]);
  if (status !== 0) throw new Error(stderr);
  return path;
}

const peer = (tls: Readonly<Record<string, string>>): string =>
  `peers: { p: { address: peer.test:3128, tls: ${JSON.stringify(tls)} } }`;
const ca = issuer.caFile;
const own = { cert: good.certFile, key: good.keyFile };

async function told(line: string): Promise<string> {
  return (await complaints(config(line))).map((text) => text.replace(/^built-in:\d+:\d+: /, '')).join('\n');
}

t.test('files of TLS that fit are read whole into the configuration', async (t) => {
  const { peers, listeners } = await config(peer({ ca, ...own, serverName: 'Other.Test' }));
  t.match(peers.p, {
    tls: { ca: issuer.ca, own: { cert: good.cert, key: good.key }, serverName: 'other.test' },
  });
  t.equal(listeners[0]?.tls, undefined);
  t.match((await config(peer({ ca }))).peers.p, { tls: { own: undefined, serverName: 'peer.test' } });
});

t.test('a file of certificates has at least one that is good for something', async (t) => {
  const none = await file('none.pem', 'nothing');
  const torn = await file('torn.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const mixed = await file('mixed.pem', `${expired.cert}${issuer.ca}`);
  t.match(
    await told(peer({ ca: none })),
    /^peers\.p\.tls\.ca: The file has no certificate \(value .*\)\. Name a PEM/,
  );
  t.match(await told(peer({ ca: torn })), /^peers\.p\.tls\.ca: A certificate in the file cannot be read/);
  t.equal(await told(peer({ ca: expired.certFile })), '', 'that one has expired is no mistake in the file');
  t.equal(await told(peer({ ca: mixed })), '');
  t.match(await told(peer({ ca, ...own, cert: none })), /^peers\.p\.tls\.cert: The file has no certificate/);
  t.match(
    await told(peer({ ca: '/nowhere.pem' })),
    /^peers\.p\.tls\.ca: Cannot read "\/nowhere.pem": no such file/,
  );
});

// Attacks: good-configuration.
t.test('a certificate is not one that is still to come', async (t) => {
  const late = { cert: expired.certFile, key: expired.keyFile };
  t.equal(await told(peer({ ca, ...late })), '');
  const { now } = Date;
  t.teardown(() => Object.assign(Date, { now }));
  Date.now = () => now() - 86_400_000;
  const found = await told(peer({ ca, ...own }));
  t.match(found, /^peers\.p\.tls\.ca: The certificate is valid only from \d/m);
  t.match(found, /^peers\.p\.tls\.cert: The certificate is valid only from \d/m);
});

// Attacks: good-configuration.
t.test('a key can be read, and is that of the certificate', async (t) => {
  const locked = await openssl('ec', '-in', good.keyFile, '-aes256', '-passout', 'pass:x');
  const lockedToo = await openssl('pkcs8', '-topk8', '-in', good.keyFile, '-passout', 'pass:x');
  for (const key of [locked, lockedToo]) {
    t.match(
      await told(peer({ ca, ...own, key })),
      /^peers\.p\.tls\.key: The private key has a passphrase .*openssl pkey/,
    );
  }
  t.match(
    await told(peer({ ca, ...own, key: ca })),
    /^peers\.p\.tls\.key: The file has no private key that can be read/,
  );
  t.match(
    await told(peer({ ca, ...own, key: other.keyFile })),
    /^peers\.p\.tls\.key: The private key is not that of the certificate \(value .*other\.test\.key/,
  );
});

t.test('what OpenSSL refuses is told of the section', async (t) => {
  const key = join(issuer.folder, 'weak.key');
  const weak = ['-newkey', 'rsa:1024', '-nodes', '-keyout', key, '-days', '2', '-subj', '/CN=weak'];
  const cert = await openssl('req', '-x509', ...weak);
  t.match(
    await told(peer({ ca, cert, key })),
    /^peers\.p\.tls: OpenSSL does not take these files: ee key too small/,
  );
  const listeners = `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${cert}, key: ${key} } }]`;
  const found = await complaints(
    import('#config/load.ts').then(({ parseConfig }) =>
      parseConfig(
        `name: t\nlisteners: ${listeners}\naccess: [{ name: all, allow: [all] }]\nroutes: [{ name: out, direct: true }]`,
      ),
    ),
  );
  t.match(found, [/listeners\[0\]\.tls: OpenSSL does not take these files: ee key too small/]);
});

// Attacks: secrets.
t.test('a file of a password is one line, and nothing of it is shown', async (t) => {
  const auth = (passwordFile: string): string =>
    `peers: { p: { address: peer.test:3128, auth: { username: t1, passwordFile: ${passwordFile} } } }`;
  const right = await file('right', 'hünter 2\n');
  const { peers, hash } = await config(auth(right));
  const authorization = `Basic ${Buffer.from('t1:hünter 2').toString('base64')}`;
  t.equal(peers.p?.authorization, authorization);
  t.not((await config(auth(await file('right2', 'another\n')))).hash, hash, 'the policy hash tells of it');
  for (const text of ['', '\n', 'hunter2\nhunter3\n', 'hunt\0er2']) {
    const found = await told(auth(await file('wrong', text)));
    t.match(found, /^peers\.p\.auth\.passwordFile: The file has (?:no password|more than one line)/);
    t.notMatch(found, 'hunt');
  }
  t.strictSame(['a', 'a\n', 'a\r\n', ' a \n'].map(passwordIn), ['a', 'a', 'a', ' a ']);
  t.match(
    await told('peers: { p: { address: p.test:1, auth: { username: "a:b", passwordFile: x } } }'),
    /no colon/,
  );
});

t.test('a key that signs checkpoints is one of Ed25519', async (t) => {
  const trail = (keyFile: string): string => `log: { audit: { path: a.log, keyFile: ${keyFile} } }`;
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const ours = generateKeyPairSync('ed25519', {
    privateKeyEncoding: pem,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  t.equal(await told(trail(await file('ed.key', ours.privateKey))), '');
  t.match(
    await told(trail(await file('ed.pub', ours.publicKey))),
    /^log\.audit\.keyFile: The file has no private key/,
  );
  t.match(
    await told(trail(good.keyFile)),
    /^log\.audit\.keyFile: The private key is one of \w+, and signs no checkpoints/,
  );
});
