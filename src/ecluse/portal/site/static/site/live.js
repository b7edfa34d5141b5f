// Parts of a page that follow a job under way (the `live` component). Two courtesies over htmx:
// nothing is announced again when nothing has changed, and the reader may suspend the following.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!part.hasAttribute("data-live")) return;
  if (part.ecluseLast === event.detail.xhr.responseText) event.detail.shouldSwap = false;
  part.ecluseLast = event.detail.xhr.responseText;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const pause = event.target.parentElement?.querySelector("[data-live-pause]");
  if (pause && pause.getAttribute("aria-pressed") === "true") event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const pause = event.target.parentElement?.querySelector("[data-live-pause]");
  if (pause && event.detail.xhr.status === 286) pause.hidden = true;
});

document.addEventListener("DOMContentLoaded", () => {
  for (const pause of document.querySelectorAll("[data-live-pause]")) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      const paused = pause.getAttribute("aria-pressed") !== "true";
      pause.setAttribute("aria-pressed", String(paused));
    });
  }
});
