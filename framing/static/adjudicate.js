// The Adjudicate page: a decision is sent, and the next dispute shown when the server has it on the disk. What was
// written stays in the page when that fails, and the browser asks before it is lost.

import { local } from "/static/saving.js";

(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").dataset.values);
  const buttons = [...$("frames").querySelectorAll("button"), $("aside")];
  let chosen; // undefined: nothing yet; null: set aside
  let sending = false;
  let left = false; // it is saved: nothing can be lost any more
  $("adjudicator").value = $("adjudicator").value || local.getItem("framing-adjudicator") || "";

  const written = $("reason").value;

  function choose(button) {
    chosen = button === $("aside") ? null : button.dataset.label;
    for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
  }

  function say(text, kind) {
    $("saved").textContent = text;
    $("saved").className = `saved ${kind}`;
  }

  function fail(text) {
    $("failure").textContent = text;
    $("failure").hidden = false;
    say("not saved", "bad");
  }

  async function decide(event) {
    event.preventDefault();
    if (sending) return;
    if (chosen === undefined) {
      fail("Choose a frame first, or set the unit aside.");
      return;
    }
    sending = true;
    say("saving …", "busy");
    const adjudicator = $("adjudicator").value.trim();
    try {
      const response = await fetch("/api/decisions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ unit: data.unit, label: chosen, reason: $("reason").value, adjudicator }),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      $("failure").hidden = true;
      say("✓ saved", "good");
      local.setItem("framing-adjudicator", adjudicator);
      left = true;
      window.location.assign(answer.disputes ? data.next : `/adjudicate?adjudicator=${encodeURIComponent(adjudicator)}`);
    } catch (error) {
      const why = error instanceof TypeError ? "the server does not answer" : error.message;
      fail(`NOT SAVED: ${why}. What you wrote is kept here; decide again to send it.`);
      sending = false;
    }
  }

  if (data.decided) choose(buttons.find((one) => one.dataset.label === data.label) || $("aside"));
  for (const button of buttons) button.addEventListener("click", () => choose(button));
  $("decision").addEventListener("submit", decide);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      $("decision").requestSubmit();
      return;
    }
    if (event.target.closest("textarea, input")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const actions = {
      s: () => choose($("aside")),
      c: () => $("reason").focus(),
      ArrowRight: () => window.location.assign(data.next),
      ArrowLeft: () => window.location.assign(data.back),
    };
    const frame = digit && $("frames").querySelectorAll("button")[Number(digit[1]) - 1];
    const action = frame ? () => choose(frame) : actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action && event.target.id !== "context") {
      event.preventDefault();
      action();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if ($("reason").value !== written && !left) event.preventDefault();
  });

  const paragraph = $("paragraph");
  const context = $("context");
  context.scrollTop = Math.max(0, paragraph.offsetTop - context.offsetTop - context.clientHeight * 0.22);
})();
