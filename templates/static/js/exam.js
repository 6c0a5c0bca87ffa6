// An exam on a tablet: every keystroke is kept on the device first, then saved; a lost connection
// loses nothing. Without this file the sheet is an ordinary form.
(() => {
  "use strict";
  const KEEP = "tt-exam-";
  const QUIET_MS = 1200, RETRY_MS = 5000;
  const form = document.getElementById("exam");
  if (!form) return;
  const status = document.getElementById("exam-status");
  const version = form.elements.version;
  const wanted = document.getElementById("exam-do");
  const key = KEEP + form.dataset.exam;
  let timer = 0, saving = false, dirty = false, stopped = false;

  const say = (what) => { status.textContent = status.dataset[what]; status.dataset.state = what; };
  const values = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !["csrfmiddlewaretoken", "version", "do"].includes(name)) {
        found[name] = value;
      }
    }
    return found;
  };
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ version: version.value, values: values() }));
    } catch { /* a full or forbidden store: the server still gets it */ }
  };
  const forget = () => { try { localStorage.removeItem(key); } catch { /* as above */ } };

  // What this device kept and the server does not have goes back into the sheet.
  const restore = () => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* none that can be read */ }
    if (!kept || JSON.stringify(kept.values) === JSON.stringify(values())) return;
    for (const field of form.elements) {
      if (!field.name || field.type === "file" || field.type === "hidden") continue;
      const value = kept.values[field.name];
      if (field.type === "radio" || field.type === "checkbox") field.checked = value === field.value;
      else if (field.type !== "submit") field.value = value ?? "";
    }
    say("restored");
    dirty = true;
    later();
  };

  const later = (wait = QUIET_MS) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  async function save() {
    if (saving || stopped || !dirty) return !dirty;
    saving = true;
    dirty = false;
    const body = new URLSearchParams(values());
    body.set("version", version.value);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, redirect: "error" });
      if (answer.status === 409) {
        stopped = true;
        say("changed");
        return false;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      version.value = (await answer.json()).version;
      if (dirty) { keep(); later(); } else { forget(); say("kept"); }
      return true;
    } catch {
      dirty = true;
      say("offline");
      later(RETRY_MS);
      return false;
    } finally {
      saving = false;
    }
  }

  form.addEventListener("input", () => {
    dirty = true;
    keep();
    if (!stopped) { say("typing"); later(); }
  });
  window.addEventListener("online", () => later(0));
  form.addEventListener("submit", async (event) => {
    if (stopped) return;
    event.preventDefault();
    wanted.value = event.submitter?.value || "save";
    clearTimeout(timer);
    while (saving) await new Promise((done) => setTimeout(done, 50));
    dirty = true;
    keep();
    // Only once the server has answered is the page given up.
    if (await save()) form.submit();
  });
  restore();
})();
