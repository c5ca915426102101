/**
 * A way to a port on this machine that is as long as it is told, a process of its own: bytes, FIN and RST come out at the other end
 * half a round trip later, in their order. The kernel answers a SYN at once, so the handshake is made up for: what an end says
 * counts as said when a handshake over that distance would have let it. What is on its way is not bounded: it is made for few bytes.
 *
 * Arguments: the port that it leads to, and the milliseconds of one round trip.
 */
import net from 'node:net';
import process from 'node:process';

const HOST = '127.0.0.1';
/** Node's timers are a millisecond coarse, which is a tenth of a usual way: the rest is waited for turn by turn. */
const COARSE_MS = 2;

const [port = 0, roundTripMs = 0] = process.argv.slice(2).map(Number);

/** Calls `act` at `dueMs`, and no earlier. */
function at(dueMs: number, act: () => void): void {
  const leftMs = dueMs - performance.now();
  if (leftMs > COARSE_MS) setTimeout(at, leftMs - COARSE_MS, dueMs, act);
  else if (leftMs > 0) setImmediate(at, dueMs, act);
  else act();
}

interface Item {
  readonly dueMs: number;
  readonly deliver: () => void;
}

/** One direction. */
class Lane {
  readonly #fromMs: number;
  readonly #onTheWay: Item[] = [];

  /** Nothing counts as said before `fromMs`. */
  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  /** Has `deliver` called after all that was sent before, half a round trip from now. */
  send(deliver: () => void): void {
    const dueMs = Math.max(performance.now(), this.#fromMs) + roundTripMs / 2;
    this.#onTheWay.push({ dueMs, deliver });
    if (this.#onTheWay.length === 1) at(dueMs, this.#arrive);
  }

  readonly #arrive = (): void => {
    this.#onTheWay.shift()?.deliver();
    const [next] = this.#onTheWay;
    if (next !== undefined) at(next.dueMs, this.#arrive);
  };
}

/** Has all that `from` says come out of `to`. */
function carry(from: net.Socket, to: net.Socket, lane: Lane): void {
  from.on('data', (bytes: Buffer) => lane.send(() => to.write(bytes)));
  from.on('end', () => lane.send(() => to.end()));
  // Told by the close behind it.
  from.on('error', () => {});
  from.on('close', (isBroken) => {
    if (isBroken) lane.send(() => to.resetAndDestroy());
  });
}

const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
  const far = net.connect({ port, host: HOST, noDelay: true, allowHalfOpen: true });
  const begunMs = performance.now();
  // SYN there and back; then the ACK, which is what an end that accepts has to hear before it can speak.
  carry(near, far, new Lane(begunMs + roundTripMs));
  carry(far, near, new Lane(begunMs + 1.5 * roundTripMs));
});
server.listen({ port: 0, host: HOST, backlog: 4096 }, () => {
  process.send?.((server.address() as net.AddressInfo).port);
});
process.on('disconnect', () => process.exit());
