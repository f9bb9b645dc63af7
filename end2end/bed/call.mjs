// Calls a Kubernetes API for `cargo xtask bed`: one JSON request per line in, one JSON answer per line out.
// Node is there anyway for the stylesheet, and its TLS checks the bed's own certificate; an HTTP client in xtask
// would cost every build its compile time.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';

const { BED_SERVER: server, BED_CA: ca, BED_TOKEN: token } = process.env;
let agent;

function call({ method, path, type, body }) {
  return new Promise((resolve) => {
    try {
      // Read late: the API server writes its certificate while it starts.
      agent ??= new Agent({ ca: readFileSync(ca), keepAlive: true });
    } catch (error) {
      resolve({ status: 0, body: String(error) });
      return;
    }
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = type ?? 'application/json';
    const out = request(new URL(path, server), { method, agent, headers, timeout: 20_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode, body: text }));
      answer.on('error', (error) => resolve({ status: 0, body: String(error) }));
    });
    out.on('timeout', () => out.destroy(new Error('no answer in 20 s')));
    out.on('error', (error) => resolve({ status: 0, body: String(error) }));
    out.end(body);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await call(JSON.parse(line)))}\n`);
}
agent?.destroy();
