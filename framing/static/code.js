// The Code page: one paragraph after another by keyboard. A code is sent in the background while the next paragraph,
// which was fetched before, is shown at once; "saved" is said only when the server has it on the disk. What is not yet
// saved is kept in the page and in the browser's storage, sent again until it is, and told.

import { ask, random, reason, Saving, session } from "/static/saving.js";

(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").dataset.values);
  const { coder, total, labels, titles } = data;
  const AHEAD = 4;
  const POLL = 4000;
  const LONGEST_PAUSE = 180; // seconds between two codes that still count as work
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`framing:${data.folder}:${coder}`) : null;

  const cache = new Map();
  let position = data.position;
  let state = data.state;
  const version = data.state.version; // of the rules on this page
  let flags = data.state.flags;
  let entry = { ...data.first, html: $("unit").innerHTML };
  let secondary = null;
  let shownFirst = false;
  let lastGiven = Date.now();
  let paces = JSON.parse(session.getItem("framing-paces") || "[]");
  cache.set(position, entry);

  const suggestFirst = () => $("suggest").checked;
  const named = (label) => (label === null ? "skipped" : titles[labels.indexOf(label)] || label);

  function fetchUnit(place) {
    if (place < 0 || place >= total || cache.has(place)) return Promise.resolve(cache.get(place));
    const seen = suggestFirst() ? "&suggestion=1" : "";
    const wanted = ask(`/api/unit?coder=${encodeURIComponent(coder)}&position=${place}${seen}`);
    cache.set(place, wanted.then((found) => (cache.set(place, found), found)).catch(() => (cache.delete(place), null)));
    return cache.get(place);
  }

  function preload() {
    let place = position;
    for (let count = 0; count < AHEAD; count += 1) {
      place = nextUncoded(place);
      if (place === null) break;
      fetchUnit(place);
    }
    fetchUnit(position - 1);
    fetchUnit(position + 1);
    if (cache.size > 400) for (const key of [...cache.keys()].slice(0, 200)) if (key !== position) cache.delete(key);
  }

  // Showing a paragraph.

  function nextUncoded(from) {
    const behind = flags.indexOf("0", from + 1);
    if (behind >= 0) return behind;
    const before = flags.indexOf("0");
    return before >= 0 && before !== from ? before : null;
  }

  function go(place) {
    if (place === null || place < 0 || place >= total) return;
    position = place;
    const known = cache.get(place);
    if (known && !(known instanceof Promise)) return show(known);
    $("unit").setAttribute("aria-busy", "true");
    fetchUnit(place).then((found) => {
      if (position !== place) return;
      if (found) show(found);
      else {
        $("saved").textContent = "waiting for the server";
        setTimeout(() => position === place && go(place), 1000);
      }
    });
  }

  function show(found) {
    entry = found;
    const unit = $("unit");
    unit.removeAttribute("aria-busy");
    if (found.html) unit.innerHTML = found.html; // made and escaped by the server
    const given = found.code;
    secondary = given ? given.secondary : null;
    $("comment").value = (given && given.comment) || "";
    press($("unsure"), Boolean(given && given.sure === false));
    draw();
    const paragraph = $("paragraph");
    const context = $("context");
    context.scrollTop = Math.max(0, paragraph.offsetTop - context.offsetTop - context.clientHeight * 0.22);
    paragraph.focus({ preventScroll: true });
    if (window.innerWidth < 900) window.scrollTo(0, 0);
    shownFirst = suggestFirst() && !given && Boolean(found.suggestion);
    history.replaceState(null, "", `/code?coder=${encodeURIComponent(coder)}&position=${position}`);
    preload();
  }

  function press(button, on) {
    button.setAttribute("aria-pressed", String(on));
  }

  function draw() {
    const given = entry.code;
    const told = entry.suggestion && (given || suggestFirst()) ? entry.suggestion : null;
    for (const button of $("frames").querySelectorAll("button")) {
      const label = button.dataset.label;
      press(button, Boolean(given) && given.label === label);
      button.classList.toggle("secondary", secondary === label);
      button.classList.toggle("suggested", Boolean(told) && told.label === label);
    }
    press($("skip"), Boolean(given) && given.label === null);
    $("model").hidden = !told;
    if (told) $("model").textContent = `The model: ${named(told.label)}, ${percent(told.probability)}`;
    $("change").hidden = !changed();
    $("back").disabled = position === 0;
    $("forward").disabled = position === total - 1;
  }

  const percent = (share) => (share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`);
  const unsure = () => $("unsure").getAttribute("aria-pressed") === "true";
  const comment = () => $("comment").value.trim() || null;

  function changed() {
    const given = entry.code;
    if (!given) return false;
    return (given.comment || null) !== comment() || (given.secondary || null) !== secondary
      || (given.label !== null && (given.sure === false) !== unsure());
  }

  function progress() {
    const coded = total - flags.split("0").length + 1;
    const skipped = flags.split("s").length - 1;
    $("meter").value = coded;
    const parts = [`${coded.toLocaleString("en")} of ${total.toLocaleString("en")} coded`];
    if (skipped) parts.push(`${skipped} skipped`);
    if (paces.length > 2) {
      const pace = [...paces].sort((a, b) => a - b)[Math.floor(paces.length / 2)];
      const left = Math.round((pace * (total - coded)) / 60);
      parts.push(`${Math.max(1, Math.round(pace))} s each`);
      if (coded < total) parts.push(left > 0 ? `about ${left} min left` : "less than a minute left");
    }
    if (state.same !== null && state.same !== undefined) {
      const alpha = state.alpha === null ? "" : `, alpha ${state.alpha.toFixed(2)}`;
      parts.push(`agreement so far ${Math.round((100 * state.same) / state.shared)} % of ${state.shared}${alpha}`);
    }
    $("progress").textContent = parts.join(" · ");
    $("undo").disabled = coded === 0 && !saving.busy;
  }

  // Giving a code.

  function give(label) {
    if ($("unit").getAttribute("aria-busy") === "true") return; // nobody has seen it yet
    const first = entry.code === null;
    const code = {
      unit: entry.id, label, secondary: secondary === label ? null : secondary, sure: label === null ? null : !unsure(),
      comment: comment(), codebook_version: version, key: random(),
    };
    if (shownFirst) code.suggestion_shown = true;
    const now = Date.now();
    const pace = (now - lastGiven) / 1000;
    lastGiven = now;
    if (first && pace < LONGEST_PAUSE) {
      paces = [...paces.slice(-60), pace];
      session.setItem("framing-paces", JSON.stringify(paces));
    }
    entry.code = { ...code };
    cache.set(position, entry);
    mark(position, label === null ? "s" : "1");
    saving.add({ kind: "code", position, given: new Date(now).toISOString(), code });
    const following = nextUncoded(position);
    if (following !== null) go(following);
    else {
      draw();
      $("last").textContent = "Every paragraph of your part is coded. Thank you.";
    }
    progress();
  }

  function mark(place, flag) {
    flags = flags.slice(0, place) + flag + flags.slice(place + 1);
  }

  function undo() {
    saving.add({ kind: "undo", key: random() });
  }

  // Saving.

  const saving = new Saving(`framing:${data.folder}:${coder}:`, {
    send: (op) => op.kind === "code"
      ? ask("/api/codes", { coder, codes: [op.code] })
      : ask("/api/undo", { coder, key: op.key }),
    saved, failed, changed: said,
  });

  function saved(op, answer) {
    take(answer.state);
    if (op.kind === "undo") {
      $("last").textContent = answer.unit === null ? "Nothing to undo." : "Undone: the last code is taken back.";
      if (answer.position !== null) {
        cache.delete(answer.position);
        go(answer.position);
      }
    } else {
      const told = answer.suggestions[0];
      const known = cache.get(op.position);
      if (known && !(known instanceof Promise)) {
        known.suggestion = told;
        if (known === entry) draw();
      }
      const model = told ? ` · the model: ${named(told.label)}, ${percent(told.probability)}` : "";
      $("last").textContent = `${op.position + 1}: ${named(op.code.label)}${model}`;
    }
    if (channel) channel.postMessage("saved");
  }

  function failed(op, error) {
    const what = reason(error);
    const count = saving.queue.length;
    const failure = $("failure");
    const codes = count === 1 ? "1 change is" : `${count} changes are`;
    failure.textContent = `NOT SAVED: ${what}. ${codes} kept in this page and sent again. Leave it open. `;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try now";
    again.addEventListener("click", () => saving.drain());
    failure.append(again);
    if (op.kind === "code" && !(error instanceof TypeError)) {
      const seen = document.createElement("button");
      seen.type = "button";
      seen.textContent = `Take back the code of ${op.position + 1}`;
      seen.addEventListener("click", () => {
        mark(op.position, "0");
        cache.delete(op.position);
        go(op.position);
        saving.drop(op);
      });
      failure.append(seen);
    }
    failure.hidden = false;
  }

  function said() {
    const line = $("saved");
    const waiting = saving.queue.length;
    if (saving.failures && waiting) {
      line.textContent = "not saved";
      line.className = "saved bad";
      return;
    }
    $("failure").hidden = true;
    if (waiting) {
      line.textContent = waiting > 1 ? `saving ${waiting} …` : "saving …";
      line.className = "saved busy";
    } else if (line.className !== "saved") {
      line.textContent = "✓ saved";
      line.className = "saved good";
    }
  }

  // What others did meanwhile: another window of this coder, another coder, an editor.

  function take(told) {
    if (!told || told.flags === undefined) return;
    const before = flags;
    state = told;
    flags = told.flags;
    for (const op of saving.queue) if (op.kind === "code") mark(op.position, op.code.label === null ? "s" : "1");
    $("changed").hidden = told.units === total && version === told.version;
    for (let place = 0; before !== flags && place < total; place += 1) {
      if (before[place] !== flags[place] && place !== position) cache.delete(place);
    }
    progress();
  }

  async function poll() {
    if (document.visibilityState === "hidden" || saving.busy) return;
    try {
      const told = await ask(`/api/state?coder=${encodeURIComponent(coder)}&revision=${state.revision}`);
      $("why").textContent = told.model ? `There is none now: ${told.model}.` : "";
      if (told.problem) {
        $("failure").textContent = `The folder cannot be read: ${told.problem}. What was read before holds meanwhile.`;
        $("failure").hidden = false;
      } else if (!saving.busy) $("failure").hidden = true;
      if (told.flags === undefined || saving.busy) return;
      take(told);
      cache.forEach((_, place) => place !== position && cache.delete(place));
      await refresh();
    } catch (error) {
      const line = $("saved");
      line.textContent = "the server does not answer";
      line.className = "saved bad";
    }
  }

  async function refresh() {
    // The paragraph on screen may have been coded in another window.
    const place = position;
    const found = await ask(`/api/unit?coder=${encodeURIComponent(coder)}&position=${place}`);
    if (place !== position || saving.busy) return;
    if (found.id !== entry.id) return; // the order has changed: nothing else is put under the coder's hand (see #changed)
    const same = JSON.stringify(label(found)) === JSON.stringify(label(entry));
    if (!same) {
      const touched = comment() !== ((entry.code && entry.code.comment) || null);
      cache.set(place, found);
      if (found.code) $("last").textContent = `Coded in another window: ${named(found.code.label)}`;
      if (touched) {
        entry = { ...found };
        draw();
      } else show(found);
    }
    preload();
  }

  const label = (one) => one.code && [one.code.label, one.code.secondary, one.code.sure, one.code.comment];

  // Keys and buttons.

  function secondaryKey(wanted) {
    secondary = secondary === wanted ? null : wanted;
    draw();
  }

  const actions = {
    u: () => { press($("unsure"), !unsure()); draw(); },
    s: () => give(null),
    c: () => $("comment").focus(),
    z: undo,
    n: () => go(nextUncoded(position)),
    r: () => { $("rulebook").open = !$("rulebook").open; },
    "?": () => $("keys").showModal(),
    ArrowLeft: () => go(position - 1),
    ArrowRight: () => go(position + 1),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, input:not([type=checkbox])");
    if (typing) {
      if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        typing.blur();
        $("paragraph").focus({ preventScroll: true });
        draw();
      }
      return;
    }
    if ($("keys").open || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.repeat) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (digit) {
      const wanted = labels[Number(digit[1]) - 1];
      if (wanted === undefined) return;
      event.preventDefault();
      if (event.shiftKey) secondaryKey(wanted);
      else give(wanted);
      return;
    }
    if (event.key === "Enter" && changed() && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      give(entry.code.label);
      return;
    }
    const scrolls = event.target.closest("#context") && event.target.id === "context" && event.key.startsWith("Arrow");
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action && !scrolls) {
      event.preventDefault();
      action();
    }
  });

  $("frames").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (event.shiftKey) secondaryKey(button.dataset.label);
    else give(button.dataset.label);
  });
  $("unsure").addEventListener("click", actions.u);
  $("skip").addEventListener("click", () => give(null));
  $("undo").addEventListener("click", undo);
  $("change").addEventListener("click", () => give(entry.code.label));
  $("comment").addEventListener("input", draw);
  $("back").addEventListener("click", actions.ArrowLeft);
  $("forward").addEventListener("click", actions.ArrowRight);
  $("reload").addEventListener("click", () => window.location.reload());
  $("help").addEventListener("click", actions["?"]);
  $("suggest").checked = data.suggest;
  $("suggest").addEventListener("change", () => {
    cache.forEach((_, place) => place !== position && cache.delete(place));
    if (suggestFirst() && !entry.code) {
      cache.delete(position);
      go(position);
    } else draw();
    $("paragraph").focus({ preventScroll: true });
  });
  document.addEventListener("visibilitychange", poll);
  if (channel) channel.addEventListener("message", poll);
  setInterval(poll, POLL);

  show(entry);
  progress();
  const older = saving.adopt();
  if (older) $("last").textContent = `${older} codes of an earlier page were not saved; they are sent now.`;
})();
