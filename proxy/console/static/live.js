// Keeps an open page fresh: puts the server's words where they changed. The page is whole without it.
"use strict";
(() => {
  const main = document.querySelector("[data-events]");
  if (!main || !window.EventSource) return;
  let stream = null;

  const each = (attribute, values, put) => {
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      const value = values[node.getAttribute(attribute)];
      if (value !== undefined) put(node, value);
    }
  };

  const refresh = (event) => {
    const news = JSON.parse(event.data);
    // The first figures, or the store's return: another page. A store that goes leaves the figures where they are.
    if (news.face !== main.dataset.face && news.face === "figures") return location.reload();
    each("data-text", news.text, (node, value) => {
      if (node.textContent !== value) node.textContent = value;
    });
    each("data-status-of", news.status, (node, value) => node.setAttribute("data-status", value));
    each("data-path", news.path, (node, value) => node.setAttribute("d", value));
  };

  const stop = () => {
    if (stream) stream.close();
    stream = null;
  };

  const start = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(main.dataset.events);
    stream.onmessage = refresh;
  };

  // A hidden tab holds no stream: it would cost the observer a look every two seconds for nobody.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", start);
  start();
})();
