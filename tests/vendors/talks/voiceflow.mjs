// The client that Voiceflow's web chat is built on, over Socket.IO's own server, which sends what that client waits for.

import { createServer } from "node:http";

import { vendor } from "./both.mjs";

// Two constants that the client reads are not in the published version of this package.
const constants = (await vendor("@voiceflow/dtos-interact")).default;
Object.assign(constants, { AudioEncoding: { PCM: "pcm" }, Modality: { CHAT: "chat" } });
// What it expects of a browser.
globalThis.window = { fetch };
globalThis.navigator ??= { userAgent: "node" };
globalThis.location ??= { hostname: "localhost" };
const { WebSocketRuntimeClient } = (await vendor("@voiceflow/sdk-runtime")).default;
const { Server } = (await vendor("socket.io")).default;

function answer(socket, said) {
  const trace = (type, payload) => socket.emit("trace", { trace: { type, payload } });
  if (said === "break") return socket.emit("action", { status: "rejected" });
  trace("completion", { state: "start" });
  for (const content of ["You ", "said ", said]) trace("completion", { state: "content", content });
  trace("completion", { state: "end" });
  trace("text", { message: `You said ${said}` });
  if (said === "agent") {
    trace("talk_to_agent", {});
    socket.emit("live-agent-message", { message: "Hello, this is Marie" });
  }
  socket.emit("action", { status: "completed" });
}

async function talk(url, userID) {
  const logged = [];
  const client = new WebSocketRuntimeClient({ baseURL: url, traces: [], onTrace: (_, trace) => logged.push(trace.payload.message ?? trace.type) });
  const request = { userID, projectID: "p1", environment: "production", webchatVersion: "1", sessionKey: "k1" };
  const actions = [undefined, "hello", "agent", "break"].map((payload) => payload && { type: "text", payload });
  for (const action of actions) {
    const stream = await client.interactStream(() => ({ messages: [] }), { ...request, action });
    for await (const _ of stream);
  }
  await client.disconnect();
  return logged;
}

const [port, proxied] = process.argv.slice(2);
const http = createServer((_, response) => response.end("{}")); // what the client logs
new Server(http, { path: "/v4/interact/socket" }).on("connection", (socket) => {
  socket.on("start", () => socket.emit("start", { versionID: "v1" }));
  socket.on("action", ({ action }) => (action.type === "text" ? answer(socket, action.payload) : socket.emit("action", { status: "completed" })));
});
await new Promise((resolve) => http.listen(Number(port), "127.0.0.1", resolve));
const heard = [await talk(`http://127.0.0.1:${port}`, "ada"), await talk(proxied, "ada")];
process.stdout.write(`${JSON.stringify(heard)}\n`, () => process.exit(0));
