/**
 * The walk from an environment to a target, step by step as a client would go (background chart 3.2): which proxy, its name, its
 * connection, its answer and what that tells of the tiers behind it, and TLS with the target through the tunnel. It dials the proxy
 * and nobody else.
 */
import { type Answer, lineOf, NOBODY_KNOWN, type Speaker, speakerOf } from './answer.ts';
import { addChainSteps } from './chain-steps.ts';
import type { Patient } from './patient.ts';
import type { ProxyAddress } from './proxy-address.ts';
import { chooseProxy, reachTier1 } from './reach-tier1.ts';
import { type Reading, readPlainAnswer, readTunnelAnswer } from './reading.ts';
import { connectHead, plainHead, whoHead } from './request-heads.ts';
import { type Diagnosis, stepsFor, Walk } from './step.ts';
import { checkTls } from './tls-step.ts';
import type { Connection } from './wires.ts';

const NOTHING_READ: Reading = {
  transaction: undefined,
  hops: [],
  blame: undefined,
  hearsay: [],
  nextHop: undefined,
};

/** Walks until a step leads no further; never throws for what it finds. */
export async function diagnose(patient: Patient): Promise<Diagnosis> {
  const { target } = patient;
  const walk = new Walk();
  const proxy = chooseProxy(walk, patient);
  let reading: Reading | undefined;
  if (proxy !== undefined) {
    const connection = await reachTier1(walk, patient, proxy);
    if (connection !== undefined) reading = await askProxy(walk, patient, { proxy, connection });
  }
  walk.fill(stepsFor(target.speech, proxy?.scheme === 'https'));
  const { hops, transaction, hearsay } = reading ?? NOTHING_READ;
  const { steps, fault } = walk;
  return { target: target.text, proxy: proxy?.text, steps, fault, hops, transaction, hearsay };
}

interface Asked {
  readonly proxy: ProxyAddress;
  readonly connection: Connection;
}

async function askProxy(walk: Walk, patient: Patient, asked: Asked): Promise<Reading | undefined> {
  const { target, wires } = patient;
  const { proxy, connection } = asked;
  const isPlain = target.speech === 'http';
  let answer: Answer;
  try {
    answer = await wires.ask(connection, isPlain ? plainHead(target, proxy) : connectHead(target, proxy));
  } catch (error) {
    walk.failed('tier1-verdict', {
      component: `tier 1 (${proxy.authority.text})`,
      detail: `It took the connection: ${(error as Error).message}`,
      check:
        'Check that a forward proxy listens there and is not overloaded, with or without TLS as the URL of the proxy says; its log has more',
    });
    return undefined;
  }
  const isOpen = !isPlain && answer.status < 300;
  const speaker = isOpen ? NOBODY_KNOWN : await askWho(patient, asked);
  if (isPlain) {
    const reading = readPlainAnswer(answer, speaker);
    addPlain(walk, patient, { answer, reading });
    return reading;
  }
  const reading = readTunnelAnswer(answer, speaker);
  addChainSteps(walk, reading, target);
  if (isOpen && target.speech === 'tls') {
    const host = target.authority.host.text;
    const component = `TLS of the target ${target.text}`;
    await checkTls(walk, patient, { step: 'target-tls', connection, host, component });
  }
  return reading;
}

/** On a connection of its own, since an answer may be the last. Who cannot be asked is nobody known. */
async function askWho({ wires }: Patient, { proxy, connection }: Asked): Promise<Speaker> {
  try {
    return speakerOf(await wires.ask(await wires.again(connection), whoHead(proxy)));
  } catch {
    return NOBODY_KNOWN;
  }
}

/** The answer to a plain request, which may be anybody's. */
function addPlain(walk: Walk, { target }: Patient, { answer, reading }: PlainAnswer): void {
  if (reading.blame !== undefined || reading.hearsay.length === 0 || answer.status < 400) {
    addChainSteps(walk, reading, target);
    if (reading.blame === undefined) walk.ok('target-answer', lineOf(answer));
    return;
  }
  walk.fill(stepsFor('tcp', false));
  walk.failed('target-answer', {
    component: `the target ${target.text}, or a proxy before it`,
    detail: `${lineOf(answer)}, and who made it cannot be told`,
    check:
      'Ask for https:// or tcp:// with the same host: in answer to CONNECT nobody but the proxies speaks',
  });
}

interface PlainAnswer {
  readonly answer: Answer;
  readonly reading: Reading;
}
