import t from 'tap';
import { parseApiServer } from '#config/api-server.ts';

const GOOD: Readonly<Record<string, string>> = {
  'https://10.0.0.1': 'https://10.0.0.1',
  'https://10.0.0.1:443/': 'https://10.0.0.1',
  'https://API.example:6443': 'https://api.example:6443',
  'https://[fd00::1]:6443': 'https://[fd00::1]:6443',
  'http://127.0.0.1:8001': 'http://127.0.0.1:8001',
  'http://[::1]:8001': 'http://[::1]:8001',
};

for (const [text, origin] of Object.entries(GOOD)) {
  t.test(`parseApiServer() reads ${text}`, async (t) => {
    t.equal(parseApiServer(text), origin);
  });
}

const BAD: Readonly<Record<string, RegExp>> = {
  '': /cannot be/,
  '10.0.0.1:6443': /cannot be/,
  'ftp://10.0.0.1': /cannot be/,
  'https://10.0.0.1/api': /cannot be/,
  'https://me:secret@10.0.0.1': /cannot be/,
  'https://10.0.0.1/?a=b': /cannot be/,
  'http://10.0.0.1:8001': /in clear text, write "https:\/\/10\.0\.0\.1:8001"/,
  'http://localhost.example': /in clear text/,
};

for (const [text, message] of Object.entries(BAD)) {
  t.test(`parseApiServer() refuses "${text}"`, async (t) => {
    t.throws(() => parseApiServer(text), { message });
  });
}
