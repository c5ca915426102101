/** What is to be diagnosed, and by which connections. */
import type { Language } from '#study/proxy-env.ts';
import type { Environment } from './clients.ts';
import type { ProxyAddress } from './proxy-address.ts';
import type { Target } from './target.ts';
import type { Wires } from './wires.ts';

export interface Patient {
  readonly target: Target;
  /** Named by the user; undefined where the environment names it. */
  readonly proxy: ProxyAddress | undefined;
  readonly environment: Environment;
  /** Whose reading of the environment counts; undefined for what all have in common. */
  readonly runtime: Language | undefined;
  /** Whether a certificate that does not hold is no fault. */
  readonly isInsecure: boolean;
  readonly wires: Wires;
}
