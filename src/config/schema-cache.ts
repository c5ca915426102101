/** `cache`: how much is kept of answers to plain HTTP. Which ones is for rules to say. */
import { z } from 'zod';
import { parseSize } from './quantities.ts';
import { key, parsed } from './schema-values.ts';

const size = parsed(z.string().meta({ pattern: '^\\d+(B|KiB|MiB|GiB|TiB)$' }), parseSize);

/** Its folders alone take a MiB. */
const MIN_DISK_BYTES = 16 * 2 ** 20;

const diskSize = parsed(z.string().meta({ pattern: '^\\d+(MiB|GiB|TiB)$' }), (text) => {
  const bytes = parseSize(text);
  if (bytes < MIN_DISK_BYTES)
    throw new Error(`${text} is too little for a cache on disk, write at least 16MiB`);
  return bytes;
});

const disk = z.strictObject({
  path: key(
    z.string().min(1),
    'Folder of the files, for the processes of this host alone; made where it is missing',
    '/var/cache/weir',
  ),
  size: key(diskSize, 'What all files take on disk, of all workers together; at least 16MiB', '10GiB'),
});

export const cache = z.strictObject({
  memory: key(
    size.prefault('64MiB'),
    'What all kept answers take in memory, of all workers together',
    '256MiB',
  ),
  maxObject: key(size.prefault('4MiB'), 'Largest body that is kept', '16MiB'),
  disk: key(
    disk.optional(),
    'Where kept answers are as well, so that they outlive the process',
    '{ path: /var/cache/weir, size: 10GiB }',
  ),
  socket: key(
    z.string().min(1).optional(),
    'Unix socket for `weir cache`, in a folder that is the service’s user’s alone',
    '/run/weir/cache.sock',
  ),
});
