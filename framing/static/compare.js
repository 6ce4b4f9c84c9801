// The Compare page: loads itself again when the comparison that is being made is there.

(() => {
  const waiting = document.getElementById("waiting");

  async function look() {
    try {
      const told = await (await fetch("/api/compare")).json();
      if (told.working) setTimeout(look, 1500);
      else window.location.replace("/compare");
    } catch (error) {
      setTimeout(look, 3000);
    }
  }

  if (waiting) look();
})();
