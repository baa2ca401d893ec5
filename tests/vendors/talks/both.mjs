// The same as both.py, for what vendors publish for Node.js: a talk serves on a port, talks directly and through the proxy.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const packages = createRequire(`${process.env.VENDORS}/node/package.json`);

/** A vendor's package. */
export const vendor = (name) => import(pathToFileURL(packages.resolve(name)).href);

/** An answer of server-sent events, each sent for itself; null ends without being sent. */
export function streamed(events, frame = (event) => `data: ${JSON.stringify(event)}\n\n`) {
  const stream = new ReadableStream({
    start(controller) {
      for (const event of events) controller.enqueue(new TextEncoder().encode(frame(event)));
      controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

/** Talk directly and through the proxy to a server that answers {method, path, body} with a Response; print what was heard. */
export async function both(answer, talk) {
  const [port, proxied] = process.argv.slice(2);
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces).toString();
    const { method, headers } = request;
    const [path, query] = request.url.split("?");
    const answered = await answer({ method, headers, path, query, body: body ? JSON.parse(body) : null });
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    if (answered.body) for await (const piece of answered.body) response.write(piece);
    response.end();
  });
  await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
  const heard = [await talk(`http://127.0.0.1:${port}`), await talk(proxied)];
  process.stdout.write(`${JSON.stringify(heard)}\n`, () => process.exit(0));
}
