// The camera of the verifier: a picture a second goes to the server, which reads the QR code.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const section = byId("camera");
  if (!section || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  section.hidden = false;
  const form = byId("verify-form");
  const video = byId("camera-picture");
  const start = byId("camera-start");
  const stop = byId("camera-stop");
  const refused = byId("camera-refused");
  const canvas = document.createElement("canvas");
  let stream = null;
  let timer = 0;

  const end = () => {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = stop.hidden = true;
    start.hidden = false;
  };

  const shoot = () =>
    new Promise((resolve) => {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      canvas.toBlob(resolve, "image/jpeg", 0.85);
    });

  const look = async () => {
    if (!stream) return;
    if (video.videoWidth) {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("picture", await shoot(), "frame.jpg");
      try {
        const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Camera": "1" } });
        if (answer.status === 200) {
          byId("answer").innerHTML = await answer.text();
          end();
          byId("answer").scrollIntoView();
          return;
        }
      } catch {
        // No line for a moment: the next picture tries again.
      }
    }
    timer = setTimeout(look, 1000);
  };

  start.addEventListener("click", async () => {
    refused.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.hidden = false;
      return;
    }
    video.srcObject = stream;
    await video.play();
    video.hidden = stop.hidden = false;
    start.hidden = true;
    look();
  });
  stop.addEventListener("click", end);
  window.addEventListener("pagehide", end);
})();
