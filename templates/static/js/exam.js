// An exam on a tablet: every keystroke is kept on the device first, then saved; a lost connection
// loses nothing. Only what was changed here is sent, so that several officers fill in one sheet, and
// what the others enter appears. Without this file the sheet is an ordinary form.
(() => {
  "use strict";
  const KEEP = "tt-exam-";
  const QUIET_MS = 1200, RETRY_MS = 5000, TOGETHER_MS = 8000;
  const form = document.getElementById("exam");
  if (!form) return;
  const status = document.getElementById("exam-status");
  const version = form.elements.version;
  const wanted = document.getElementById("exam-do");
  const key = KEEP + form.dataset.exam;
  const touched = new Set();
  let timer = 0, saving = false, stopped = false;

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
  const put = (name, value) => {
    for (const field of form.elements) {
      if (field.name !== name || field.type === "file" || field.type === "submit") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = value === field.value;
      else field.value = value ?? "";
    }
  };
  const keep = (more = {}) => {
    try {
      const kept = { version: version.value, values: values(), touched: [...touched], ...more };
      localStorage.setItem(key, JSON.stringify(kept));
    } catch { /* a full or forbidden store: the server still gets it */ }
  };
  const forget = () => { try { localStorage.removeItem(key); } catch { /* as above */ } };

  // What this device kept and the server does not have goes back into the sheet. After a conflict
  // the officer has seen what the server keeps, and what was typed here takes its place.
  const restore = () => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* none that can be read */ }
    if (!kept?.touched?.length) return;
    for (const name of kept.touched) {
      put(name, kept.values[name]);
      touched.add(name);
    }
    if (!kept.conflict) version.value = kept.version;
    say("restored");
    later();
  };

  const later = (wait = QUIET_MS) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  const enter = (others) => {
    for (const [name, { value, by }] of Object.entries(others)) {
      if (touched.has(name)) continue;
      put(name, value);
      const line = form.querySelector(`[data-by="${CSS.escape(name)}"]`);
      if (line && by) line.textContent = form.dataset.joint.replace("{agency}", by);
    }
    return Object.keys(others).length > 0;
  };

  async function save() {
    if (saving || stopped) return false;
    saving = true;
    const sent = [...touched];
    touched.clear();
    const body = new URLSearchParams(values());
    body.set("version", version.value);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const name of sent.length ? sent : [""]) body.append("touched", name);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, redirect: "error" });
      if (answer.status === 409) {
        stopped = true;
        sent.forEach((name) => touched.add(name));
        keep({ conflict: true });
        say("changed");
        return false;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      version.value = found.version;
      const more = enter(found.others);
      if (touched.size) { keep(); later(); return true; }
      forget();
      if (more) say("together"); else if (sent.length) say("kept");
      return true;
    } catch {
      sent.forEach((name) => touched.add(name));
      if (touched.size) say("offline");
      later(RETRY_MS);
      return false;
    } finally {
      saving = false;
    }
  }

  form.addEventListener("input", (event) => {
    if (!event.target.name || event.target.type === "file") return;
    touched.add(event.target.name);
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
    keep();
    // Only once the server has answered, and has the photos, is the page given up.
    if (!(await save())) {
      if (!stopped) say("offline");
    } else if (form.sendPhotos && !(await form.sendPhotos())) say("photoWaits");
    else form.submit();
  });
  if (form.dataset.joint) {
    setInterval(() => { if (!touched.size && !document.hidden) save(); }, TOGETHER_MS);
  }
  restore();
})();
