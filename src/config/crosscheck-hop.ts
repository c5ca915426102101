/** `hop`: keys that say something only together. */
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

const TRUST = ['hop', 'trust'];

/** Flaws of what is believed of hops. */
export function checkHop({ trustKeys }: Outline): Flaw[] {
  if (trustKeys.has('keyFiles') !== trustKeys.has('audience')) {
    const [there, missing] = trustKeys.has('keyFiles') ? ['keyFiles', 'audience'] : ['audience', 'keyFiles'];
    const example =
      missing === 'audience' ? 'audience: ["int-proxy-a.aibang.com:3128"]' : 'keyFiles: [hop.key]';
    const message = `Key "${there}" does nothing without "${missing}"`;
    return [{ path: [...TRUST, there], at: 'key', message, fix: `Add for example ${example}` }];
  }
  if (!trustKeys.has('replayDirectory') || trustKeys.has('keyFiles')) return [];
  const message = 'Key "replayDirectory" does nothing without "keyFiles"';
  return [
    {
      path: [...TRUST, 'replayDirectory'],
      at: 'key',
      message,
      fix: 'Remove it, or add keyFiles and audience',
    },
  ];
}
