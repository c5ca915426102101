import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { BEGINNING } from '#audit/chain.ts';
import { checkpointAfter, isSigned, KEY_ID, readPublicKey, Signer } from '#audit/checkpoint.ts';
import { readLink } from '#audit/read-link.ts';
import { auditKey } from '../../fixtures/audit.ts';

const { signer, publicKey, privateKey } = auditKey();
const [keyId, key] = readPublicKey(publicKey);

t.test('a checkpoint is signed with its place in the chain, and for nobody else', async (t) => {
  const { line } = checkpointAfter(BEGINNING, { hop: 't2', time: 'now' }, signer);
  const record = JSON.parse(line);
  t.match(record, { event: 'checkpoint', key: keyId, hop: 't2', time: 'now', seq: 1 });
  t.match(keyId, KEY_ID);
  const content = readLink(line)?.content ?? '';
  t.equal(isSigned(content, record.signature, key), true);
  t.equal(isSigned(content.replace('t2', 't3'), record.signature, key), false);
  t.equal(isSigned(content.replace('"seq":1', '"seq":2'), record.signature, key), false);
  const [, other] = readPublicKey(auditKey().publicKey);
  t.equal(isSigned(content, record.signature, other), false);
});

t.test('a checkpoint without a signer is not signed', async (t) => {
  const record = JSON.parse(checkpointAfter(BEGINNING, { time: 'now' }, undefined).line);
  t.same(Object.keys(record), ['event', 'hash', 'prev', 'seq', 'time']);
});

t.test('only keys of Ed25519 sign, and only public ones are for auditors', async (t) => {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const p256 = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: pem,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  t.throws(() => new Signer(p256.privateKey), /key of ec/);
  t.throws(() => new Signer('junk'));
  t.throws(() => readPublicKey(p256.publicKey), /key of ec/);
  t.throws(() => readPublicKey(privateKey), /private key/);
  t.throws(() => readPublicKey('junk'));
});
