// The Read page: a file that is dropped or chosen is sent as it is, and its article shown.

(() => {
  const $ = (id) => document.getElementById(id);
  const drop = $("drop");

  async function send(file) {
    $("state").textContent = `reading ${file.name} …`;
    try {
      const response = await fetch("/read", {
        method: "POST",
        headers: { "content-type": "application/octet-stream", "x-name": encodeURIComponent(file.name).slice(-200) },
        body: file,
      });
      const type = response.headers.get("content-type") || "";
      const answer = type.includes("json") ? await response.json() : { error: await response.text() };
      if (!response.ok) throw new Error(answer.error);
      window.location.assign(answer.address);
    } catch (error) {
      $("state").textContent = error instanceof TypeError ? "the server does not answer" : error.message;
    }
  }

  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    const file = event.dataTransfer.files[0];
    if (!file) return; // a text that is dropped goes where it falls
    event.preventDefault();
    send(file);
  });
  $("file").addEventListener("change", () => $("file").files[0] && send($("file").files[0]));
  $("read").addEventListener("submit", () => {
    $("state").textContent = "reading …";
  });
})();
