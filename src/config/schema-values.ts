/**
 * Building blocks of the schema: text that a parse function turns into a value, lists, names, durations, and keys with
 * what documentation, editors and hints need to know about them.
 */
import { z } from 'zod';
import { isUnspecified, parseIp, parseNetwork } from '#net/ip.ts';
import { parseListenAddress, parseListenerAddress } from './listen-address.ts';
import { parseDuration } from './units.ts';
import { parseWorkers } from './workers.ts';

const NAME = /^[a-z0-9._-]+$/;

/** A key: what it means, and one value as it would be written after `key: ` in YAML. */
export function key<S extends z.ZodType>(schema: S, description: string, example: string): S {
  return schema.meta({ description, example });
}

/** What a parse function makes of a value; its complaint becomes the problem. */
export function parsed<S extends z.ZodType, T>(schema: S, parse: (value: z.output<S>) => T) {
  return schema.transform((input, context): T => {
    try {
      return parse(input);
    } catch (error) {
      context.issues.push({ code: 'custom', input, message: (error as Error).message });
      return z.NEVER;
    }
  });
}

/** A list that is not empty: an empty one would be read by some as "all" and by others as "none". */
export function list<S extends z.ZodType>(element: S) {
  return z.array(element).min(1);
}

/** A whole number from 1 to `most`, with what is said of another. One that is beyond all exact numbers is told of once. */
export function wholeNumber(most: number, { tooSmall, tooGreat }: { tooSmall: string; tooGreat: string }) {
  const words: Readonly<Record<string, string>> = { too_small: tooSmall, too_big: tooGreat };
  return z
    .int({ abort: true, error: ({ code = '' }) => words[code] })
    .min(1, tooSmall)
    .max(most, tooGreat);
}

/** A list of addresses and networks. */
export const networks = list(parsed(z.string(), parseNetwork));

/** Name of a rule, ACL, peer, route or listener. */
export const name = z.string().regex(NAME, {
  error: ({ input }) => `A name has only the characters a-z, 0-9, ".", "_" and "-", write ${nameLike(input)}`,
});

/** What was written, as a name; where nothing is left of it, an example. */
function nameLike(written: unknown): string {
  const text = String(written)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-');
  return /[a-z0-9]/.test(text) ? `"${text}"` : 'one such as "t1"';
}

/** A name given elsewhere. That it exists is for the cross-check, which says more than a pattern could. */
export const reference = z.string().meta({ pattern: NAME.source });

/** Name of an ACL given elsewhere, negated by `!`. */
export const aclReference = z.string().meta({ pattern: '^!?[a-z0-9._-]+$' });

/** An address of this host. Whether it is one shows where the proxy runs. */
export const sourceAddress = parsed(z.string(), (text) => {
  const ip = parseIp(text);
  if (ip === undefined || isUnspecified(ip)) {
    throw new Error(
      `Address "${text}" cannot be connected from, write an IP address of this host such as "10.0.0.5"`,
    );
  }
  return ip;
});

/** So many connections. The bounds are for editors; the parse function says them better. */
export const connections = parsed(z.number().meta({ type: 'integer', minimum: 1 }), (count) => {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(`Number "${count}" is no number of connections, write a whole number of at least 1`);
  }
  return count;
});

/** An address to bind. */
export const listenAddress = parsed(z.string(), parseListenAddress);

/** The same, or a socket that systemd hands over. */
export const listenerAddress = parsed(z.string(), parseListenerAddress);

const durationText = z.string().meta({ pattern: '^\\d+(ms|s|m|h|d)$' });

/** A duration in milliseconds; zero is allowed. */
export const durationOrZero = parsed(durationText, parseDuration);

/** A duration in milliseconds, never zero. */
export const duration = parsed(durationText, (text) => {
  const ms = parseDuration(text);
  if (ms === 0) throw new Error(`Duration "${text}" is too short, write at least "1ms"`);
  return ms;
});

/** A number of processes, or `auto`. The bounds are for editors; the parse function says them better. */
export const workers = parsed(
  z.union([
    z.number().meta({ type: 'integer', minimum: 1, maximum: 64 }),
    z.string().meta({ pattern: '^(auto|[1-9][0-9]?)$' }),
  ]),
  parseWorkers,
);
