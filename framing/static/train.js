// The Train page: starts a training, and shows how far it is and what its scores are.

(() => {
  const $ = (id) => document.getElementById(id);

  async function ask(address, body) {
    const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: "{}" } : {};
    const response = await fetch(address, options);
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  function show(facts) {
    const running = facts.status === "running";
    $("work").hidden = !running;
    $("stop").hidden = !running;
    $("start").hidden = running;
    if (running) {
      if (facts.total > 1) {
        $("meter").max = facts.total;
        $("meter").value = facts.done;
      } else $("meter").removeAttribute("value");
      const steps = facts.total > 1 ? `, ${facts.done} of ${facts.total}` : "";
      $("stage").textContent = `${facts.stage}${steps} (${facts.seconds} s)`;
      setTimeout(look, 700);
    }
    const said = { done: "The model is trained.", failed: `It failed: ${facts.message}`, stopped: facts.message };
    const text = running ? "Training" : said[facts.status] || "";
    if ($("state").textContent !== text) $("state").textContent = text;
    if (facts.html && !running) $("scores").innerHTML = facts.html; // made and escaped by the server
  }

  async function look() {
    try {
      show(await ask("/api/train"));
    } catch (error) {
      $("state").textContent = error instanceof TypeError ? "the server does not answer" : error.message;
      setTimeout(look, 3000);
    }
  }

  async function begin(address) {
    try {
      show(await ask(address, true));
    } catch (error) {
      $("state").textContent = error instanceof TypeError ? "the server does not answer" : error.message;
    }
  }

  $("start").addEventListener("click", () => begin("/api/train"));
  $("stop").addEventListener("click", () => begin("/api/train/stop"));
  look();
})();
