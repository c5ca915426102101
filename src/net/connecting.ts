/** What a connect leads to, who hears of it, and the error that says where it failed. */
import { hostPort } from './authority.ts';
import { systemError } from './tcp-handle.ts';

export interface ConnectTarget {
  /** IP address. */
  readonly address: string;
  readonly port: number;
}

/** Told of the outcome of a connect, one of the two and once. */
export interface ConnectObserver {
  onConnect(): void;
  /** Follows its close. */
  onConnectFault(error: Error | undefined): void;
}

/** As Node makes them. */
export function connectError(status: number, { address, port }: ConnectTarget): NodeJS.ErrnoException {
  const error = systemError(status, 'connect');
  error.message += ` ${hostPort(address, port)}`;
  return Object.assign(error, { address, port });
}
