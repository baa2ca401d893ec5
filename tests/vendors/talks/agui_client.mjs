// The AG-UI project's own client: says what it is told to an agent, prints what it heard. Its server is in agui_agent.py.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const packages = createRequire(`${process.env.VENDORS}/node/package.json`);
const { HttpAgent } = await import(pathToFileURL(packages.resolve("@ag-ui/client")).href);

const [url] = process.argv.slice(2);
const heard = [];
const tools = [{ name: "transfer_to_human", description: "A person takes over.", parameters: { type: "object", properties: {} } }];

async function run(agent, message) {
  agent.addMessage(message);
  const types = [];
  try {
    await agent.runAgent({ tools, forwardedProps: { userId: "ada" } }, { onEvent: ({ event }) => void types.push(event.type) });
  } catch (error) {
    types.push(`thrown: ${error.message}`);
  }
  const { role, content, toolCalls } = agent.messages.at(-1);
  heard.push({ types, role, content, tools: toolCalls?.map((call) => call.function.name) ?? [] });
}

const first = new HttpAgent({ url, threadId: "g1" });
await run(first, { id: "1", role: "user", content: "hello" });
await run(first, { id: "2", role: "user", content: "agent" });
await run(first, { id: "3", role: "tool", toolCallId: first.messages.at(-1).toolCalls[0].id, content: "ok" });
await run(new HttpAgent({ url, threadId: "g2" }), { id: "4", role: "user", content: "desk" });
await run(new HttpAgent({ url, threadId: "g3" }), { id: "5", role: "user", content: "break" });
process.stdout.write(`${JSON.stringify(heard)}\n`, () => process.exit(0));
