/**
 * The system's hosts file as a table, read again when it has changed, and looked at no more than once a second. Reads the
 * first 4 MiB and no more.
 */
import { open, stat } from 'node:fs/promises';
import { type IpAddress, parseIp } from './ip.ts';

const CHECK_MS = 1000;
const MAX_BYTES = 4 * 1024 * 1024;

type Table = ReadonlyMap<string, readonly IpAddress[]>;

export class HostsFile {
  readonly #path: string;
  readonly #clock: { now(): number };
  #table: Promise<Table> = Promise.resolve(new Map());
  #fresh: Table | undefined = undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #version = '';

  constructor(path: string, clock: { now(): number }) {
    this.#path = path;
    this.#clock = clock;
  }

  /** The table, where it has been looked at less than a second ago. */
  get table(): Table | undefined {
    return this.#clock.now() - this.#checkedMs < CHECK_MS ? this.#fresh : undefined;
  }

  /** Addresses of a canonical name; undefined where the file does not name it, or cannot be read. */
  async addressesOf(name: string): Promise<readonly IpAddress[] | undefined> {
    if (this.#clock.now() - this.#checkedMs >= CHECK_MS) {
      this.#checkedMs = this.#clock.now();
      this.#fresh = undefined;
      this.#table = this.#refreshed(this.#table);
    }
    const table = await this.#table;
    this.#fresh = table;
    return table.get(name);
  }

  /** No file, no entries; what else may be wrong (out of descriptors, a file being moved) changes nothing. */
  async #refreshed(before: Promise<Table>): Promise<Table> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return await before;
      const table = parseHosts(await readStart(this.#path, Math.min(size, MAX_BYTES)));
      this.#version = version;
      return table;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return before;
      this.#version = '';
      return new Map();
    }
  }
}

async function readStart(path: string, bytes: number): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

/** Lines of an address and its names; what follows `#` is a comment. */
function parseHosts(text: string): Table {
  const table = new Map<string, IpAddress[]>();
  for (const line of text.split('\n')) {
    const [first = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const address = parseIp(first);
    if (address === undefined) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      const known = table.get(key);
      if (known === undefined) table.set(key, [address]);
      else known.push(address);
    }
  }
  return table;
}
