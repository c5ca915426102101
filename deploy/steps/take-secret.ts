/** Takes fields of a Secret of the cluster into files that only their owner reads. What is in them is never shown. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { writeWhole } from '../lib/state.ts';
import type { World } from '../lib/step.ts';
import { kubectl, NAMESPACE } from './tools.ts';

export interface Taken {
  readonly name: string;
  /** Which field goes into which file. */
  readonly fields: Readonly<Record<string, string>>;
}

/** @throws {Fault} where it is not there, or lacks a field */
export async function takeSecret(world: World, { name, fields }: Taken): Promise<void> {
  const read = ['get', 'secret', name, `--namespace=${NAMESPACE}`, '--output=json'];
  const cure = `make Secret ${name} in ${NAMESPACE}, with ${Object.keys(fields).join(', ')}`;
  const answer = await world.shell.look(kubectl(world, read, { isSecret: true, cure }));
  const data = dataIn(answer);
  if (data === undefined)
    throw new Fault(`kubectl does not print Secret ${name} as JSON`, 'see what kubectl is: type kubectl');
  for (const [field, file] of Object.entries(fields)) {
    const value = data[field];
    if (value === undefined || value === '') throw new Fault(`Secret ${name} has no ${field}`, cure);
    if (world.shell.isDry) world.report.note(`Would take ${field} of Secret ${name} into ${file}`);
    else {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeWhole(file, Buffer.from(value, 'base64').toString());
    }
  }
}

/** What JSON.parse says of what is none has some of it. */
function dataIn(answer: string): Readonly<Record<string, string>> | undefined {
  try {
    return (JSON.parse(answer) as { data?: Record<string, string> | null }).data ?? {};
  } catch {
    return undefined;
  }
}
