/** Where the listening sockets of this host come from: those that systemd has handed over, and those that are bound here. */
import { passedSockets } from '#config/passed-sockets.ts';
import { PassedSockets } from '#net/passed-socket.ts';
import { draftOrders } from '#supervisor/orders.ts';
import type { SupervisorParts } from '#supervisor/supervisor.ts';

/** @returns what opens the sockets that a configuration asks for */
export function drafting(): SupervisorParts['draft'] {
  const passed = new PassedSockets(passedSockets());
  return (config, previous) => draftOrders(config, passed, previous);
}
