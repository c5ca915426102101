/**
 * Who runs the client: what the hop of ours says that the request came through, or else what the client's address tells. What a hop
 * says is believed when it is signed; where that is wrong nothing of it is kept, and the request goes no further.
 */
import { ProxyError } from '#errors.ts';
import type { Verifier } from '#hop/verifier.ts';
import { FieldNames, HOP_FIELDS, hasField, listOf, type RawHeaders, valuesOf } from '#net/headers.ts';
import { quoteUntrusted } from '#net/quote.ts';
import { PROBE_HOST } from '#peer/probe.ts';
import { recogniseAgain } from './recognise.ts';
import type { Transaction } from './transaction.ts';
import { isTrustedHop } from './trust.ts';

const OF_HOPS = new FieldNames(HOP_FIELDS);
/** An id that a hop of ours may have given. */
const TRANSACTION_ID = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Takes in who asks, by `headers` where a hop of ours has written them, or else as the address has told (recognise.ts).
 * @throws {ProxyError} `assertion_refused`, `assertion_unchecked`
 */
export function identify(tx: Transaction, headers: RawHeaders): void {
  const { trust, verifier, pods } = tx.generation;
  tx.isFromHop = isTrustedHop(trust, tx);
  if (!tx.isFromHop) {
    countForged(tx, headers);
    if (pods !== undefined && tx.identity === undefined) tx.context.onUnknownClient();
    return;
  }
  // That was the hop, which asks for somebody else.
  tx.identity = undefined;
  const own = tx.id;
  const id = listOf(headers, 'weir-transaction');
  if (id !== undefined && TRANSACTION_ID.test(id)) tx.id = id;
  if (verifier === undefined) return;
  try {
    believe(tx, verifier, valuesOf(headers, 'weir-identity'));
  } catch (error) {
    // Whoever tells of others what is not so does not get to write into their records either; its answer is its own.
    tx.claimedId = tx.id;
    tx.id = own;
    throw error;
  }
}

/** What only a hop of ours may say goes no further (net/headers.ts); that somebody else said it is worth knowing. */
function countForged(tx: Transaction, headers: RawHeaders): void {
  if (!hasHopField(headers)) return;
  for (const field of HOP_FIELDS) {
    if (hasField(headers, field)) tx.context.onForgedField(field);
  }
}

function hasHopField(headers: RawHeaders): boolean {
  for (let i = 0; i < headers.length; i += 2) if (OF_HOPS.has(headers[i] as string)) return true;
  return false;
}

function believe(tx: Transaction, verifier: Verifier, texts: readonly string[]): void {
  const { onAssertion } = tx.context;
  const [text] = texts;
  if (text === undefined) {
    // A look at us (answer-probe.ts) asks for nobody.
    if (tx.host.text !== PROBE_HOST) onAssertion('absent');
    return;
  }
  // Of several, each reader would choose another.
  const word = texts.length > 1 ? 'malformed' : verify(tx, verifier, text);
  if (typeof word === 'string') {
    onAssertion(word);
    const received =
      word === 'wrong_audience' ? `, for ${quoteUntrusted(`${verifier.audienceOf(text)}`)}` : '';
    const detail = `Weir-Identity is refused: ${word}, with transaction "${tx.id}"${received}`;
    throw new ProxyError('assertion_refused', { detail });
  }
  onAssertion('accepted');
  tx.identity = word.identity;
  tx.assertedIp = word.address;
}

function verify(tx: Transaction, verifier: Verifier, text: string): ReturnType<Verifier['verify']> {
  try {
    return verifier.verify(text, { target: tx.authority, transaction: tx.id, nowMs: tx.timeMs });
  } catch (error) {
    tx.context.onAssertion('unchecked');
    throw error;
  }
}

/**
 * Who runs the client by what is in force now. What a hop has said holds as long as the hop is trusted; its assertion was for the
 * moment in which the tunnel was opened.
 */
export function identityNow(tx: Transaction): Transaction['identity'] {
  const { trust } = tx.generation;
  const asserted = tx.identity;
  const known = recogniseAgain(tx);
  // Trust is in the client itself.
  tx.identity = known;
  const isFromHop = isTrustedHop(trust, tx);
  tx.identity = asserted;
  if (!isFromHop) return known;
  return tx.isFromHop ? asserted : undefined;
}
