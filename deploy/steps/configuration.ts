/** The configuration of both tiers, by itself and together, before anything is built upon it; and which keys it asks for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { ROOT, type Settings } from '../lib/settings.ts';
import type { Step } from '../lib/step.ts';
import { missingConfigurations } from './needed-files.ts';

/** Where systemd shows tier 2 its keys. */
const CREDENTIAL = /\/run\/credentials\/weir\.service\/([\w.-]+)/g;
const BY_WHOLE_PATH = /\/etc\/weir\/[\w./-]+/g;
/** A key that everybody who reads the folder of the configuration would have. */
const KEY_BESIDE = /[\s:["']([\w.-]+\.key)\b/g;

export const configuration: Step = {
  id: 'configuration',
  title: 'The configuration of both tiers fits together',
  isAlways: true,
  cure: 'mend what it names; docs/lint.md has every finding',
  lacks: ({ settings }) => missingConfigurations(settings),
  async run({ settings, shell }) {
    const text = readTier2(settings);
    const whole = [...text.matchAll(BY_WHOLE_PATH)];
    if (whole.length > 0)
      throw new Fault(
        `${join(settings.tier2, 'weir.yaml')} names ${whole.map(([path]) => path).join(', ')}`,
        'name what stands beside it by its name alone, such as t2.pem: before the first install it is checked elsewhere',
      );
    const beside = [...text.replaceAll(CREDENTIAL, '').matchAll(KEY_BESIDE)];
    if (beside.length > 0)
      throw new Fault(
        `${join(settings.tier2, 'weir.yaml')} names ${beside.map(([, name]) => name).join(', ')} beside it`,
        'name /run/credentials/weir.service/NAME: systemd hands keys over, and nobody else reads them (vm/README.md, Keys)',
      );
    const files = [settings.tier1, settings.tier2].map((folder) => join(folder, 'weir.yaml'));
    const words = [join(ROOT, 'bin/weir'), 'check', '--without-secrets', ...files] as const;
    const said = await shell.look({
      words,
      cure: `${words.join(' ')} says it again; docs/lint.md has every finding`,
    });
    return said.split('\n').find((line) => /^\S+ to \S+: /.test(line));
  },
};

/** Names of the keys that tier 2 is handed by systemd. */
export function keysOfTier2(settings: Settings): readonly string[] {
  const names = [...readTier2(settings).matchAll(CREDENTIAL)].map(([, name = '']) => name);
  return [...new Set(names)].toSorted();
}

function readTier2(settings: Settings): string {
  const text = readFileSync(join(settings.tier2, 'weir.yaml'), 'utf8');
  return text.replaceAll(/(^|\s)#.*$/gm, '');
}
