/** Something that went wrong while deploying: what, what to do about it, and what the program ends with. */
import { ExitCode } from './exit-codes.ts';

export class Fault extends Error {
  readonly cure: string;
  readonly exitCode: number;

  /** @param cure what to do, as a person reads it; commands in it can be pasted */
  constructor(what: string, cure: string, exitCode: number = ExitCode.Wrong) {
    super(what);
    this.name = 'Fault';
    this.cure = cure;
    this.exitCode = exitCode;
  }
}

/** What was thrown as a fault, whoever threw it. */
export function faultOf(error: unknown, cure: string): Fault {
  if (error instanceof Fault) return error;
  return new Fault((error as Error).message, cure);
}
