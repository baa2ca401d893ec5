// Flowise's client; a server that frames its events as Flowise's SSEStreamer does.

import { both, streamed, vendor } from "./both.mjs";

const { FlowiseClient } = (await vendor("flowise-sdk")).default;
const ids = { chatId: "f1", chatMessageId: "m1", sessionId: "f1" };

function events(text) {
  if (text === "break") return [{ event: "start", data: "" }, { event: "error", data: "Error: the model is broken" }];
  const pieces = ["You ", "said ", text].map((data) => ({ event: "token", data }));
  const counted = { event: "usageMetadata", data: { input_tokens: 4, output_tokens: 2, total_tokens: 6 } };
  const used = text === "agent" ? [{ event: "usedTools", data: [{ tool: "transfer_to_human", toolInput: {}, toolOutput: "ok" }] }] : [];
  return [{ event: "start", data: "You " }, ...pieces, ...used, counted, { event: "metadata", data: ids }, { event: "end", data: "[DONE]" }];
}

function answer({ path, body }) {
  if (path.startsWith("/api/v1/chatflows-streaming/")) return Response.json({ isStreaming: true });
  if (path === "/api/v1/feedback") return Response.json({ id: "fb1", ...body });
  const text = body.question;
  if (body.streaming) return streamed(events(text), (event) => `message:\ndata:${JSON.stringify(event)}\n\n`);
  return Response.json({ text: `You said ${text}`, question: text, ...ids, memoryType: "Buffer Memory" });
}

async function talk(url) {
  const client = new FlowiseClient({ baseUrl: url });
  const overrideConfig = { sessionId: "f1", vars: { userId: "ada" } };
  const heard = [];
  heard.push((await client.createPrediction({ chatflowId: "flow-1", question: "hello", overrideConfig })).text);
  for (const question of ["again", "agent", "break"]) {
    const found = [];
    const stream = await client.createPrediction({ chatflowId: "flow-1", question, overrideConfig, streaming: true });
    for await (const event of stream) found.push(event);
    heard.push(found);
  }
  // The client has no call for feedback: as Flowise's own widget sends it.
  const feedback = { chatflowid: "flow-1", chatId: "f1", messageId: "m1", rating: "THUMBS_UP", content: "" };
  const headers = { "content-type": "application/json" };
  heard.push(await (await fetch(`${url}/api/v1/feedback`, { method: "POST", headers, body: JSON.stringify(feedback) })).json());
  return heard;
}

await both(answer, talk);
