/** The few parts of autocannon that the load generator uses; the package brings no types. */
declare module 'autocannon' {
  interface Request {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Buffer;
  }

  export interface Options {
    readonly url: string;
    readonly connections: number;
    readonly amount: number;
    readonly sampleInt: number;
    readonly requests: readonly Request[];
  }

  export interface Report {
    readonly '2xx': number;
    readonly errors: number;
    readonly timeouts: number;
  }

  /** The client, the status, the bytes of the answer with its head, and the milliseconds that it took. */
  type Response = [client: unknown, status: number, bytes: number, ms: number];

  interface Run {
    on(event: 'response', listener: (...response: Response) => void): this;
  }

  // biome-ignore lint/style/noDefaultExport: that is how the package exports it.
  export default function autocannon(
    options: Options,
    onDone: (error: Error | null, report: Report) => void,
  ): Run;
}
