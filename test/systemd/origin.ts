/** An origin that speaks TLS and answers everything with 200, as a process of its own on the network of whoever starts it: CERTIFICATE KEY PORT. */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import process from 'node:process';

const [, , cert = '', key = '', port = ''] = process.argv;
const server = https.createServer(
  { cert: readFileSync(cert), key: readFileSync(key) },
  (_request, response) => {
    response.end('It works\n');
  },
);
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
process.once('disconnect', () => process.exit());
