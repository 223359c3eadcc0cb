// Signing in while many do: who is told to come again waits here, with the password where it was
// typed, and is let in when it is his turn. Without this file the page says when to try again.
"use strict";

const line = document.querySelector("[data-crowded]");
const later = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

const wait = async (seconds) => {
  line.hidden = false;
  // Said once for each try: a count by the second would be read aloud by the second.
  line.textContent = line.dataset.crowded.replace("{seconds}", seconds);
  // Those who were told the same second do not all come at its beginning.
  await later(seconds + Math.random());
};

const show = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  const faults = document.querySelector(".errsum");
  if (faults) faults.focus();
};

const signIn = async (form) => {
  const sent = { method: "POST", body: new FormData(form), redirect: "manual" };
  for (;;) {
    const answer = await fetch(form.action, sent);
    if (answer.type === "opaqueredirect") {
      // Signed in: the page of signing in leads on from there, to an address of this site alone.
      location.replace(`${form.action}?next=${encodeURIComponent(form.elements.next.value)}`);
      return;
    }
    if (answer.status !== 503 || !answer.headers.has("Retry-After")) {
      show(await answer.text());
      return;
    }
    await wait(Number(answer.headers.get("Retry-After")));
  }
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-sign-in]")) return;
  event.preventDefault();
  const buttons = document.querySelectorAll("[data-sign-in] button");
  for (const button of buttons) button.disabled = true;
  // Where the network fails, the browser says so as it always does.
  signIn(form).catch(() => form.submit());
});
// A page that one comes back to can be used again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-sign-in] button")) button.disabled = false;
});
