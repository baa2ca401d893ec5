// A Chatwoot client, generated from Chatwoot's API: gives a conversation a status. Run by composed.py.

import { createRequire } from "node:module";

const { default: Chatwoot } = createRequire(`${process.env.VENDORS}/node/package.json`)("@figuro/chatwoot-sdk");
const [url, conversation, status] = process.argv.slice(2);
const client = new Chatwoot({ config: { basePath: url, token: "token" } });
const found = await client.conversations.toggleStatus({ accountId: 1, conversationId: Number(conversation), data: { status } });
process.stdout.write(JSON.stringify(found));
