/** A server of the npm package proxy-chain in a process of its own, as its own README shows it. */
import process from 'node:process';

interface ProxyChain {
  readonly Server: new (options: object) => { listen(): Promise<void>; readonly port: number };
}

/** A name in a variable, because the package is no dependency and need not be there. */
const name = 'proxy-chain';
const { Server } = (await import(name)) as ProxyChain;
const server = new Server({ port: 0, host: '127.0.0.1', verbose: false });
await server.listen();
process.on('disconnect', () => process.exit());
process.send?.(server.port);
