/**
 * A certificate and its key, FILE.pem and FILE.key: what stands in them, and what is wrong with both by themselves. Whether they fit their
 * authority, their names and the time is for pairs.ts to judge.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { attempt } from '../lib/attempt.ts';

/** Of which certificate of the file the key is: while one authority takes the place of another, of any; else what follows has signed the first. */
type Owner = 'first' | 'any';

/** Undefined where both are a pair, neither is there, or the key is alone, and gets its certificate. @throws {Fault} where one cannot be read */
export function whyNoPair(file: string, owner: Owner): string | undefined {
  const hasKey = existsSync(`${file}.key`);
  const key = hasKey ? readable(`${file}.key`, createPrivateKey) : undefined;
  if (!existsSync(`${file}.pem`))
    return hasKey && key === undefined ? `${file}.key is no private key` : undefined;
  if (!hasKey) return `${file}.pem is there without its key`;
  const torn = whyNoCertificate(file);
  if (torn !== undefined) return torn;
  if (key === undefined) return `${file}.pem is there, and ${file}.key is no private key`;
  const owners = certificatesIn(file).slice(0, owner === 'any' ? undefined : 1);
  return owners.some((certificate) => certificate.checkPrivateKey(key))
    ? undefined
    : `${file}.pem and its key are no pair`;
}

/** Undefined where it is one, or is not there. @throws {Fault} where it cannot be read */
export function whyNoCertificate(file: string): string | undefined {
  if (!existsSync(`${file}.pem`)) return undefined;
  return readable(`${file}.pem`, parsed) === undefined ? `${file}.pem is no certificate` : undefined;
}

/** Undefined where `parse` does not take it. @throws {Fault} where it cannot be read */
function readable<Value>(file: string, parse: (text: string) => Value): Value | undefined {
  const text = attempt('read', file, () => readFileSync(file, 'utf8'));
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const BLOCK = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/** @throws where there is none, or one of them is none */
function parsed(text: string): readonly X509Certificate[] {
  const blocks = text.match(BLOCK) ?? [text];
  return blocks.map((block) => new X509Certificate(block));
}

/** In the order of the file. @throws where there is none, or one of them is none */
export const certificatesIn = (file: string): readonly X509Certificate[] =>
  parsed(readFileSync(`${file}.pem`, 'utf8'));
