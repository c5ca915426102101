/** What of a configuration says who asks: whom to believe, what addresses tell, and what the next hop is told of it. */
import type { Config } from '#config/config.ts';
import { Asserter } from '#hop/asserter.ts';
import { type Verifier, verifierOf } from '#hop/verifier.ts';
import { compileStaticClients, type StaticClients } from '#identity/static-clients.ts';
import type { Acl } from '#match/acl.ts';
import { type Condition, compileCondition } from '#match/condition.ts';
import { KnownPods } from '#pods/known-pods.ts';
import type { PodDirectory } from '#pods/pod-directory.ts';

export interface WhoAsks {
  /** Which clients are hops of ours; undefined: none is. */
  readonly trust: Condition | undefined;
  /** Undefined where nothing is believed of what hops say. */
  readonly verifier: Verifier | undefined;
  /** Undefined where hops are told nothing of clients. */
  readonly asserter: Asserter | undefined;
  /** Undefined where no address tells who runs a client. */
  readonly clients: StaticClients | undefined;
  /** Undefined where pods are not watched. */
  readonly pods: KnownPods | undefined;
}

/** What of the process goes into it. */
export interface Around {
  readonly previous: WhoAsks | undefined;
  /** What the process knows of pods. */
  readonly directory: PodDirectory;
}

/** @throws {Error} where it cannot be kept which assertions were used */
export function compileWhoAsks(
  { hop, clients, kubernetes }: Config,
  acls: ReadonlyMap<string, Acl>,
  { previous, directory }: Around,
): WhoAsks {
  const { trustFrom, verify, assert } = hop;
  return {
    trust: trustFrom && compileCondition(trustFrom, acls),
    verifier: verifierOf(verify, previous?.verifier),
    asserter: assert && new Asserter(assert),
    clients: compileStaticClients(clients),
    pods: kubernetes && new KnownPods(kubernetes, directory),
  };
}
