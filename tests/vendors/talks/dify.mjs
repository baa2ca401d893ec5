// Dify's client; a server that answers as Dify's API reference says.

import { createInterface } from "node:readline";

import { both, streamed, vendor } from "./both.mjs";

const { ChatClient, CompletionClient } = await vendor("dify-client");
const usage = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6, total_price: "0.0001", currency: "USD", latency: 0.1 };

function events(text) {
  const ids = { task_id: "t1", message_id: `m-${text}`, conversation_id: "d1", created_at: 1 };
  if (text === "break") return [{ event: "error", ...ids, status: 400, code: "provider_quota_exceeded", message: "no quota" }];
  const pieces = ["You ", "said ", text].map((answer) => ({ event: "agent_message", ...ids, answer }));
  const closing = { event: "message", ...ids, answer: `You said ${text}` };
  return [...pieces, closing, { event: "message_end", ...ids, id: ids.message_id, metadata: { usage, retriever_resources: [] } }];
}

function answer({ path, body }) {
  if (path.endsWith("/feedbacks")) return Response.json({ result: "success" });
  const text = body.query ?? body.inputs.query;
  if (text === "unknown") return Response.json({ code: "app_unavailable", message: "no app", status: 400 }, { status: 400 });
  if (body.response_mode === "streaming") return streamed(events(text));
  const ids = { task_id: "t1", id: `m-${text}`, message_id: `m-${text}`, conversation_id: body.query ? "d1" : "d2" };
  return Response.json({ event: "message", ...ids, mode: "chat", answer: `You said ${text}`, metadata: { usage }, created_at: 1 });
}

async function talk(url) {
  const chat = new ChatClient("app-key", `${url}/v1`);
  const heard = [];
  heard.push((await chat.createChatMessage({}, "hello", "ada")).data.answer);
  for (const text of ["again", "break"]) {
    const stream = (await chat.createChatMessage({}, text, "ada", true, "d1")).data;
    const found = [];
    for await (const line of createInterface({ input: stream })) if (line) found.push(JSON.parse(line.slice("data: ".length)).event);
    heard.push(found);
  }
  await chat.messageFeedback("m-hello", "like", "ada");
  await chat.messageFeedback("m-again", "dislike", "ada");
  heard.push((await new CompletionClient("app-key", `${url}/v1`).createCompletionMessage({ query: "bob's" }, "bob")).data.answer);
  await chat.createChatMessage({}, "unknown", "ada", false, "d1").catch((error) => heard.push(error.response.data.code));
  return heard;
}

await both(answer, talk);
