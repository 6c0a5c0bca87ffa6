// Photos of an exam: each one is kept on the device as soon as it is taken, and forgotten only when
// the server has it. Without this file, or without a store, photos are sent with the sheet.
(() => {
  "use strict";
  const RETRY_MS = 5000;
  const form = document.getElementById("exam");
  if (!form || !window.indexedDB || !form.dataset.photos) return;
  const status = document.getElementById("exam-status");
  const exam = form.dataset.exam;
  let timer = 0, sending = null;

  const said = (template, time) => template.replace("{time}", time);
  const done = (request) => new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });
  const store = (() => {
    const opening = indexedDB.open("tt-exam-photos", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("photos", { keyPath: "id" }).createIndex("exam", "exam");
    };
    return done(opening);
  })();
  const table = async (mode) => (await store).transaction("photos", mode).objectStore("photos");
  const waiting = async () => done((await table("readonly")).index("exam").getAll(exam));
  const forget = async (photo) => done((await table("readwrite")).delete(photo.id));

  const list = (point) => form.querySelector(`[data-photos-of="${CSS.escape(point)}"]`);
  const shown = (photo) => {
    const place = list(photo.point);
    let line = place.querySelector(`[data-photo="${CSS.escape(photo.id)}"]`);
    if (!line) {
      line = document.createElement("li");
      line.dataset.photo = photo.id;
      place.append(line);
    }
    return line;
  };
  const showKept = (photo) => {
    shown(photo).textContent = said(status.dataset.photoKept, photo.time);
  };

  // One after the other. A photo that the server refuses is shown with the reason and let go of:
  // it would be refused again.
  const send = async () => {
    for (const photo of await waiting()) {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.set("point", photo.point);
      body.set("photo", photo.blob, photo.name);
      const answer = await fetch(form.dataset.photos, { method: "POST", body, redirect: "error" });
      const line = shown(photo);
      if (answer.ok) {
        const link = document.createElement("a");
        link.href = (await answer.json()).url;
        link.textContent = said(status.dataset.photoSent, photo.time);
        line.replaceChildren(link);
      } else if ([400, 409, 413, 422].includes(answer.status)) {
        const why = (await answer.json().catch(() => ({}))).detail || String(answer.status);
        line.className = "usa-error-message";
      line.setAttribute("role", "alert");
        line.textContent = why;
      } else {
        throw new Error(String(answer.status));
      }
      await forget(photo);
    }
  };
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(() => form.sendPhotos(), wait); };

  // Whether none waits any more. The sheet asks before it is given up.
  form.sendPhotos = async () => {
    while ((await waiting()).length) {
      sending ??= send().then(() => true, () => {
        later(RETRY_MS);
        return false;
      }).finally(() => { sending = null; });
      if (!(await sending)) return false;
    }
    return true;
  };

  form.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.files.length) return;
    const photo = {
      id: `${exam}-${Date.now()}-${Math.random()}`,
      exam,
      point: input.name.replace(/^photo_/, ""),
      name: input.files[0].name,
      blob: input.files[0],
      time: new Date().toLocaleTimeString(document.documentElement.lang),
    };
    try {
      // A copy of the bytes: the file itself may be gone when the tablet starts again.
      photo.blob = new Blob([await input.files[0].arrayBuffer()], { type: input.files[0].type });
      await done((await table("readwrite")).put(photo));
    } catch {
      return; // no room: it stays in its field and is sent with the sheet
    }
    input.value = "";
    showKept(photo);
    form.sendPhotos();
  });
  window.addEventListener("online", () => later(0));
  waiting().then((photos) => {
    photos.forEach(showKept);
    if (photos.length) form.sendPhotos();
  }, () => { delete form.sendPhotos; });
})();
