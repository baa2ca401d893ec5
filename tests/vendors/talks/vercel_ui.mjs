// Vercel's AI SDK on both sides: streamText over its own mock model, and the transport that useChat is made of.

import { both, vendor } from "./both.mjs";

const { convertToModelMessages, createUIMessageStream, createUIMessageStreamResponse, DefaultChatTransport } = await vendor("ai");
const { jsonSchema, readUIMessageStream, simulateReadableStream, streamText, tool } = await vendor("ai");
const { MockLanguageModelV3 } = await vendor("ai/test");

const usage = { inputTokens: { total: 4 }, outputTokens: { total: 2 } };
const finish = (reason) => ({ type: "finish", finishReason: { unified: reason }, usage });

function chunks(text) {
  const start = { type: "stream-start", warnings: [] };
  if (text === "break") return [start, { type: "error", error: new Error("the model is broken") }];
  if (text === "agent") {
    return [start, { type: "tool-call", toolCallId: "t1", toolName: "transferToHuman", input: "{}" }, finish("tool-calls")];
  }
  const said = ["You ", "said ", text].map((delta) => ({ type: "text-delta", id: "1", delta }));
  return [start, { type: "text-start", id: "1" }, ...said, { type: "text-end", id: "1" }, finish("stop")];
}

async function answer({ body }) {
  const text = body.messages.findLast((message) => message.role === "user").parts[0].text;
  if (text === "desk") {
    const stream = createUIMessageStream({
      execute: ({ writer }) => {
        writer.write({ type: "data-handoff", data: { queue: "rh" } });
      },
      generateId: () => "m-desk",
    });
    return createUIMessageStreamResponse({ stream });
  }
  const last = body.messages.at(-1);
  const asked = last.role === "assistant" ? "after the tool" : text;
  const model = new MockLanguageModelV3({ doStream: async () => ({ stream: simulateReadableStream({ chunks: chunks(asked) }) }) });
  const result = streamText({
    model,
    messages: await convertToModelMessages(body.messages),
    tools: { transferToHuman: tool({ inputSchema: jsonSchema({ type: "object" }) }) },
    onError: () => {},
  });
  return result.toUIMessageStreamResponse({
    generateMessageId: () => `m-${asked}`,
    messageMetadata: ({ part }) => (part.type === "finish" ? { totalUsage: part.totalUsage } : undefined),
    onError: (error) => error.message,
  });
}

async function talk(url) {
  const transport = new DefaultChatTransport({ api: `${url}/api/chat`, body: { userId: "ada" } });
  const heard = [];
  async function say(chatId, messages, trigger = "submit-message") {
    const stream = await transport.sendMessages({ chatId, messages, trigger, messageId: undefined, abortSignal: undefined });
    let found = null;
    const errors = [];
    for await (const message of readUIMessageStream({ stream, onError: (error) => errors.push(error.message) })) found = message;
    heard.push({ parts: found?.parts ?? [], metadata: found?.metadata ?? null, errors });
    return found;
  }
  const user = (text) => ({ id: `u-${text}`, role: "user", parts: [{ type: "text", text }] });
  await say("v1", [user("hello")]);
  await say("v1", [user("hello")], "regenerate-message");
  const called = await say("v1", [user("agent")]);
  const parts = called.parts.map((part) => (part.type === "tool-transferToHuman" ? { ...part, state: "output-available", output: "ok" } : part));
  await say("v1", [user("agent"), { ...called, parts }]);
  await say("v2", [user("desk")]);
  await say("v3", [user("break")]);
  return heard;
}

await both(answer, talk);
