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

  const SOON = 1000; // ms before the first attempt to connect again; each further one waits twice as long
  const LATE = 60000;
  let wait = SOON;
  let timer = 0;
  let last = ""; // what was told last: the server need not tell it again

  const stop = () => {
    clearTimeout(timer);
    if (stream) stream.close();
    stream = null;
  };

  const start = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(main.dataset.events + (last ? `&last=${last}` : ""));
    stream.onopen = () => (wait = SOON);
    stream.onmessage = (event) => {
      last = event.lastEventId;
      refresh(event);
    };
    // Refused or cut: half at random, so that pages that were cut together do not come back together.
    stream.onerror = () => {
      stop();
      timer = setTimeout(start, wait * (0.5 + Math.random() / 2));
      wait = Math.min(2 * wait, LATE);
    };
  };

  // A hidden tab holds no stream: it would cost the observer a look every two seconds for nobody.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", start);
  start();
})();
