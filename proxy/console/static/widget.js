/* kpi-proxy's rating widget: <script src=".../widget.js" data-assistant="rh" data-conversation="ID" async></script>
   data-token: an invitation instead of assistant and conversation. data-message: one answer. data-look: stars or emoji.
   data-lang: en or fr. data-target: id of the element it goes into. From scripts: kpiProxy.ask({conversation: "ID"}, element). */
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(".", script.src);
  const WORDS = {
    en: {
      binary: "Was this helpful?", five: "How helpful was this?", nps: "How likely are you to recommend it?",
      thanks: "Thank you.", used: "You have answered already. Thank you.", failed: "That did not work. Please try again.",
      up: "Yes", down: "No", of: "{n} of 5", ten: "{n} of 10",
      faces: ["Very bad", "Bad", "Neither good nor bad", "Good", "Very good"],
    },
    fr: {
      binary: "Cette réponse vous a-t-elle aidé\u202f?", five: "Cet échange vous a-t-il été utile\u202f?",
      nps: "Recommanderiez-vous cet assistant\u202f?",
      thanks: "Merci.", used: "Vous avez déjà répondu. Merci.", failed: "Cela n’a pas marché. Merci de réessayer.",
      up: "Oui", down: "Non", of: "{n} sur 5", ten: "{n} sur 10",
      faces: ["Très mauvais", "Mauvais", "Ni bon ni mauvais", "Bon", "Très bon"],
    },
  };
  const STYLE = `:host{display:block;font:inherit;color:inherit}
fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;margin:0 0 .25em}
button{font:inherit;font-size:1.35em;line-height:1;min-width:44px;min-height:44px;padding:.2em;border:1px solid transparent;
border-radius:8px;background:none;color:inherit;cursor:pointer}
button.n{font-size:1em}button:hover,button:focus-visible{border-color:currentColor}
button:focus-visible{outline:2px solid currentColor;outline-offset:2px}button[disabled]{opacity:.5;cursor:default}
p{margin:.25em 0 0;min-height:1.2em}`;

  const post = async (path, content) => {
    const answer = await fetch(new URL(path, base), {
      method: "POST", mode: "cors", credentials: "omit", referrerPolicy: "no-referrer",
      headers: { "content-type": "application/json" }, body: JSON.stringify(content),
    });
    return { ok: answer.ok, status: answer.status, content: await answer.json().catch(() => ({})) };
  };

  const choices = (scale, look, t) => {
    if (scale === "binary") return [[1, "👍", t.up], [0, "👎", t.down]];
    if (scale === "nps") return Array.from({ length: 11 }, (_, n) => [n, String(n), t.ten.replace("{n}", n)]);
    const faces = ["😡", "🙁", "😐", "🙂", "😀"];
    return faces.map((face, at) => (look === "emoji" ? [at + 1, face, t.faces[at]] : [at + 1, "★", t.of.replace("{n}", at + 1)]));
  };

  const ask = async (options, element) => {
    const language = (options.lang || document.documentElement.lang || navigator.language || "en").slice(0, 2).toLowerCase();
    const t = WORDS[language] || WORDS.en;
    let token = options.token, scale = options.scale || "five";
    if (!token) {
      const asked = { assistant: options.assistant, conversation: options.conversation };
      if (options.message) asked.message = options.message;
      const offered = await post("feedback/offer", asked).catch(() => ({ ok: false }));
      if (!offered.ok) return false; // nobody is asked for what can't be kept
      ({ token, scale } = offered.content);
    }
    const root = element.shadowRoot || element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // allowed under any style-src, unlike a style element
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const set = document.createElement("fieldset"), legend = document.createElement("legend"), said = document.createElement("p");
    set.lang = WORDS[language] ? language : "en";
    legend.textContent = t[scale];
    said.setAttribute("role", "status");
    set.append(legend);
    const buttons = choices(scale, options.look, t).map(([score, sign, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", name);
      button.title = name;
      if (scale === "nps") button.className = "n";
      button.addEventListener("click", () => give(score));
      set.append(button);
      return button;
    });
    const give = async (score) => {
      buttons.forEach((each) => (each.disabled = true));
      const answer = await post("feedback", { token, score }).catch(() => ({ ok: false }));
      said.textContent = answer.ok ? t.thanks : answer.status === 409 ? t.used : t.failed;
      const again = !answer.ok && ![403, 409, 410].includes(answer.status);
      buttons.forEach((each) => (each.disabled = !again));
      element.dispatchEvent(new CustomEvent("kpi-proxy-rated", { detail: { taken: answer.ok } }));
    };
    root.replaceChildren(set, said);
    return true;
  };

  window.kpiProxy = { ask: (options, element) => ask({ ...script.dataset, ...options }, element) };
  const { token, assistant, conversation, target } = script.dataset;
  if (token || (assistant && conversation)) {
    let element = target && document.getElementById(target);
    if (!element) script.after((element = document.createElement("div")));
    ask(script.dataset, element);
  }
})();
