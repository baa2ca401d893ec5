// The Bot Framework's own client, polling; a server that keeps the activities of a conversation and numbers them.

import { both, vendor } from "./both.mjs";

globalThis.WebSocket ??= class {}; // asked for by name, and not used when polling
globalThis.XMLHttpRequest = (await vendor("xhr2")).default;
const { DirectLine } = (await vendor("botframework-directlinejs")).default;

let activities = [];
const bot = { id: "bot-1", name: "RH", role: "bot" };

function answer({ method, path, query, body }) {
  if (method === "POST" && path === "/v3/directline/conversations") {
    activities = [];
    return Response.json({ conversationId: "dl1", token: "token", expires_in: 1800 }, { status: 201 });
  }
  if (method === "POST" && path === "/v3/directline/conversations/dl1/activities") {
    const id = say({ ...body });
    const replies = { type: "message", from: bot, replyToId: id };
    if (body.type === "message") say({ ...replies, text: `You said ${body.text}` });
    if (body.text === "agent") {
      say({ type: "event", name: "handoff.initiate", from: bot, replyToId: id, value: { va_LastTopic: "pay", va_AgentMessage: "Transferred" } });
      say({ type: "event", name: "handoff.status", from: bot, value: { state: "accepted" } });
    }
    return Response.json({ id });
  }
  if (method === "GET" && path === "/v3/directline/conversations/dl1/activities") {
    const from = Number(new URLSearchParams(query).get("watermark") ?? 0);
    return Response.json({ activities: activities.slice(from), watermark: String(activities.length) });
  }
  return Response.json({ error: { code: "BadArgument", message: path } }, { status: 400 });
}

function say(activity) {
  const id = `dl1|${String(activities.length).padStart(7, "0")}`;
  activities.push({ ...activity, id, channelId: "directline", conversation: { id: "dl1" } });
  return id;
}

async function talk(url) {
  const client = new DirectLine({ token: "token", domain: `${url}/v3/directline`, webSocket: false, pollingInterval: 200 });
  const heard = [];
  let changed = () => {};
  const subscription = client.activity$.subscribe((activity) => {
    heard.push([activity.type, activity.text ?? activity.name ?? ""]);
    changed();
  });
  const post = (activity) => new Promise((resolve, reject) => client.postActivity({ from: { id: "ada" }, ...activity }).subscribe(resolve, reject));
  const until = (count) => new Promise((resolve) => (changed = () => heard.length >= count && resolve())(changed));
  await post({ type: "message", text: "hello" });
  await until(2);
  await post({ type: "message", text: "agent" });
  await until(6);
  await post({ type: "invoke", name: "message/submitAction", replyToId: "dl1|0000001", value: { actionName: "feedback", actionValue: { reaction: "like", feedback: '{"feedbackText":"nice"}' } } });
  await until(7);
  subscription.unsubscribe();
  client.end();
  return heard;
}

await both(answer, talk);
