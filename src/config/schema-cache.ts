/** `cache`: how much is kept of answers to plain HTTP. Which ones is for rules to say. */
import { z } from 'zod';
import { parseSize } from './quantities.ts';
import { key, parsed } from './schema-values.ts';

const size = parsed(z.string().meta({ pattern: '^\\d+(B|KiB|MiB|GiB|TiB)$' }), parseSize);

export const cache = z.strictObject({
  memory: key(
    size.prefault('64MiB'),
    'What all kept answers take in memory, of all workers together',
    '256MiB',
  ),
  maxObject: key(size.prefault('4MiB'), 'Largest body that is kept', '16MiB'),
});
