// Botpress's chat client, with its listening stream; a server that answers with what the client's schemas ask for.

import { both, vendor } from "./both.mjs";

const { Client } = await vendor("@botpress/chat");
const at = "2026-11-23T14:00:00.000Z";
const named = (id) => ({ id, createdAt: at, updatedAt: at });
let tell = () => {};

function answer({ method, path, body, headers }) {
  if (path.endsWith("/hello/")) return new Response("ok");
  if (method === "POST" && path.endsWith("/users")) return Response.json({ user: named("u1"), key: "the-key" });
  if (method === "POST" && path.endsWith("/conversations")) return Response.json({ conversation: named("b1") });
  if (path.endsWith("/listen")) {
    const stream = new ReadableStream({
      start(controller) {
        const send = (event) => controller.enqueue(new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(event)}\n\n`));
        tell = (type, payload, id) => send({ type, data: { ...message(payload, id), isBot: true } });
        controller.enqueue(new TextEncoder().encode(": hello\n\n"));
      },
    });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }
  if (headers["x-user-key"] !== "the-key") return Response.json({ code: 401, type: "Unauthorized", message: "no key" }, { status: 401 });
  if (method === "POST" && path.endsWith("/messages")) {
    const text = body.payload.text;
    tell("message_created", { type: "text", text: `You said ${text}` }, "m2");
    if (text === "agent") tell("event_created", { handoff: true }, "e1");
    return Response.json({ message: message(body.payload, "m1") });
  }
  return Response.json({ code: 404, type: "ResourceNotFound", message: path }, { status: 404 });
}

const message = (payload, id) => ({ id, createdAt: at, payload, userId: id === "m1" ? "u1" : "bot", conversationId: "b1" });

async function talk(url) {
  const client = await Client.connect({ apiUrl: `${url}/wh-1` });
  const { conversation } = await client.createConversation({});
  const listener = await client.listenConversation({ id: conversation.id });
  const heard = [];
  let changed = () => {};
  for (const type of ["message_created", "event_created"]) {
    listener.on(type, (event) => {
      heard.push([type, event.payload]);
      changed();
    });
  }
  for (const [text, count] of [["hello", 1], ["agent", 3]]) {
    const come = new Promise((resolve) => (changed = () => heard.length >= count && resolve()));
    await client.createMessage({ conversationId: conversation.id, payload: { type: "text", text } });
    await come;
  }
  await listener.disconnect();
  return heard;
}

await both(answer, talk);
