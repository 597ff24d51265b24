// What the pages do beyond their HTML, which works without this: claims appear as
// they come, a citation opens its paragraph beside the answer, an answer is copied
// with its citations. All HTML that is put into the page was made by the program's
// own templates.

/* --- what is said to those who hear the page --- */

const status = document.querySelector("#status");

// say has a sentence read out. The same one is read out again only if it was
// another in between, so it is emptied first.
function say(sentence) {
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = sentence; });
}

// element makes one of a tag, a class and a text.
function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

// fragment makes nodes of HTML of the program's own.
function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/* --- the stream of an answer --- */

// events reads server-sent events of a reply, one {event, data} after the other. The
// data is JSON. What is not whole at the end is no event.
async function* events(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = {};
      for (const line of block.split("\n")) {
        const at = line.indexOf(": ");
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2); // a line ": ..." only keeps the connection alive
      }
      if (fields.event) yield { event: fields.event, data: JSON.parse(fields.data ?? "{}") };
    }
  }
}

const brokenOff = "The connection broke off before the answer was whole. Nothing else was lost; ask again when the network is back.";

// ask puts a question and calls show[event](data) for what comes. It always ends
// with an answer or a failure.
async function ask(fields, show) {
  try {
    const reply = await fetch("/", {
      method: "POST",
      headers: { Accept: "text/event-stream" },
      body: new URLSearchParams(fields),
    });
    if (!reply.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      // A page that says what is wrong; its sentence is for people.
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      show.failure({ text: page.querySelector(".failure")?.textContent.trim() || brokenOff });
      return;
    }
    let ended = false;
    for await (const { event, data } of events(reply)) {
      if (ended || !Object.hasOwn(show, event)) continue;
      ended = event === "answer" || event === "failure";
      show[event](data);
    }
    if (!ended) show.failure({ text: brokenOff });
  } catch {
    show.failure({ text: brokenOff });
  }
}

/* --- asking --- */

const thread = document.querySelector("#thread");
const form = document.querySelector("#ask");
const field = form?.querySelector("textarea");

// turn makes the place of a question and its answer, and what fills it.
function turn(question, again) {
  const place = element("article", "answer");
  const working = element("p", "working");
  const claims = element("div", "claims");
  claims.setAttribute("aria-live", "polite"); // each is read out as it appears
  place.append(element("h2", "question", question), claims, working);
  thread.append(place);
  return {
    place,
    working({ text }) {
      working.textContent = text;
      say(text);
    },
    claim({ html }) {
      working.remove();
      const before = claims.childElementCount;
      claims.append(fragment(html));
      [...claims.children].slice(before).forEach((claim) => claim.classList.add("fresh"));
    },
    answer({ html }) {
      working.remove();
      const whole = fragment(html).firstElementChild;
      place.lang = whole.lang;
      settle(claims, whole.querySelector(".claims"));
      whole.querySelector(".question")?.remove();
      place.append(...whole.childNodes);
      dress(place);
      const cited = place.querySelectorAll(".sources li").length;
      say(cited ? `Answered, with ${cited} ${cited === 1 ? "source" : "sources"}.` : (place.querySelector(".refusal, .failure")?.textContent ?? ""));
    },
    failure({ text }) {
      working.remove();
      const retry = element("button", "retry", "Try again");
      retry.type = "button";
      retry.addEventListener("click", () => { place.remove(); again(); });
      place.append(element("p", "failure", text), retry);
      say(text);
    },
  };
}

// settle takes over the claims of the whole answer. Those that stand there already
// stay, so that nobody hears them twice; only their links are renewed, for a source
// that another claim cites too has more of it marked.
function settle(standing, whole) {
  if (!whole) return;
  const text = (list) => [...list.children].map((claim) => claim.textContent).join("\n");
  if (text(standing) !== text(whole)) {
    standing.replaceChildren(...whole.childNodes);
  } else {
    const renewed = whole.querySelectorAll(".marker");
    standing.querySelectorAll(".marker").forEach((marker, i) => { marker.href = renewed[i].getAttribute("href"); });
  }
  whole.remove();
}

// put asks the question of a form's fields and shows what comes of it. One question is
// answered after the other.
async function put(fields) {
  const question = fields.get("question").trim();
  form.dataset.busy = "yes";
  form.querySelector("button").disabled = true;
  document.querySelectorAll(".first").forEach((part) => { part.hidden = true; });
  document.querySelector("h1").className = "unseen"; // the questions are the headings now
  thread.hidden = false;
  fields.set("conversation", form.elements.conversation.value);
  closePassage();
  const shown = turn(question, () => put(fields));
  shown.place.scrollIntoView({ block: "start" });
  await ask(fields, {
    ...shown,
    answer(data) {
      // Whoever comes back to this page, or loads it again, finds the answer.
      history.replaceState(null, "", data.link);
      document.title = question;
      form.elements.conversation.value = data.conversation;
      form.querySelector("label").textContent = form.dataset.next;
      shown.answer(data);
    },
  });
  delete form.dataset.busy;
  form.querySelector("button").disabled = false;
}

function setUpAsking() {
  if (!form || !thread) return;
  document.addEventListener("submit", (event) => {
    const asked = event.target.closest("form[data-ask]");
    if (!asked) return;
    event.preventDefault();
    const fields = new FormData(asked, event.submitter);
    if (form.dataset.busy || !fields.get("question").trim()) return;
    put(fields);
    if (asked === form) field.value = "";
    resize();
    field.focus({ preventScroll: true });
  });
  field.addEventListener("keydown", (event) => {
    // Enter ends a character of a Japanese or Chinese keyboard too.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  field.addEventListener("input", resize);
}

// resize makes the field as high as its text, where the style sheet cannot.
function resize() {
  if (CSS.supports("field-sizing", "content")) return;
  field.rows = Math.min(8, Math.max(1, field.value.split("\n").length, Math.ceil(field.scrollHeight / 28)));
}

/* --- the paragraph beside the answer --- */

const beside = document.querySelector("#beside");
let opener = null; // the link whose passage is open

// openPassage shows where a link to a document leads, beside the answer. If that
// fails the link is followed.
async function openPassage(link) {
  const address = new URL(link.href);
  const number = address.hash.slice(2); // of "#p8"
  address.hash = "";
  address.searchParams.set("p", number);
  address.searchParams.set("part", "passage");
  let html;
  try {
    const reply = await fetch(address);
    if (!reply.ok) throw new Error(reply.statusText);
    html = await reply.text();
  } catch {
    location.href = link.href;
    return;
  }
  opener?.setAttribute("aria-expanded", "false");
  opener = link;
  opener.setAttribute("aria-expanded", "true");
  beside.querySelector(".text").replaceChildren(fragment(html));
  beside.querySelector(".whole").href = link.href;
  beside.hidden = false;
  beside.scrollTop = 0;
  beside.parentElement.classList.add("open");
  const paragraph = beside.querySelector(`a.pilcrow[href$="#p${number}"]`)?.parentElement;
  paragraph?.classList.add("asked");
  beside.focus({ preventScroll: true });
  // What is cited is seen at once, and of what stands before it as much as fits.
  const frame = beside.getBoundingClientRect();
  const bar = beside.querySelector(".bar").offsetHeight;
  const cited = [...beside.querySelectorAll("mark")].at(-1) ?? paragraph;
  if (!cited) return;
  const below = cited.getBoundingClientRect().bottom + bar - frame.bottom;
  const above = paragraph.getBoundingClientRect().top - frame.top - bar;
  beside.scrollTop += Math.max(0, Math.min(below, above));
}

// closePassage closes it and gives the focus back to what opened it.
function closePassage() {
  if (!beside || beside.hidden) return;
  const inside = beside.contains(document.activeElement);
  beside.hidden = true;
  beside.parentElement.classList.remove("open");
  opener?.setAttribute("aria-expanded", "false");
  if (inside) opener?.focus();
  opener = null;
}

function setUpPassages() {
  if (!beside) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-passage]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (link === opener) closePassage();
    else openPassage(link);
  });
  beside.querySelector("button").addEventListener("click", closePassage);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePassage();
  });
}

/* --- copying, and telling whether it helped --- */

// copy puts a text onto the clipboard. text is a promise: some browsers take it only
// in the very moment of the click. Where there is no clipboard, on a page without
// TLS, show is called with the text.
async function copy(text, show) {
  try {
    if (globalThis.ClipboardItem && navigator.clipboard?.write) {
      const item = new ClipboardItem({ "text/plain": text.then((t) => new Blob([t], { type: "text/plain" })) });
      await navigator.clipboard.write([item]);
    } else {
      await navigator.clipboard.writeText(await text);
    }
    return true;
  } catch {
    show(await text);
    return false;
  }
}

async function get(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(reply.statusText);
  return reply.text();
}

// copyButton stands instead of the link to an answer as Markdown.
function copyButton(link) {
  const button = element("button", "copy", "Copy with citations");
  button.type = "button";
  button.addEventListener("click", async () => {
    const show = (text) => {
      const field = element("textarea", "markdown");
      field.readOnly = true;
      field.value = text;
      field.setAttribute("aria-label", "The answer with its citations, as Markdown");
      button.closest(".answer").querySelector("textarea.markdown")?.remove();
      button.closest(".acts").after(field);
      field.focus();
      field.select();
    };
    try {
      const done = await copy(get(link.href), show);
      tell(button, done ? "Copied." : "Selected below: copy it from there.");
    } catch {
      tell(button, "It could not be fetched. Try again in a moment.");
    }
  });
  link.replaceWith(button);
}

// tell puts a short sentence at the end of the row that a button is in.
function tell(button, sentence) {
  const row = button.closest(".acts");
  const said = row.querySelector(".said") ?? row.appendChild(element("span", "said"));
  said.textContent = sentence;
  say(sentence);
}

// rate sends feedback without leaving the page.
async function rate(form, button) {
  const fields = new FormData(form, button);
  const row = form.closest(".acts");
  try {
    const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
    if (!reply.ok) throw new Error(reply.statusText);
    const mark = row.querySelector(".said") ?? row.appendChild(element("span", "said"));
    mark.textContent = form.dataset.thanks;
    say(form.dataset.thanks);
    form.remove();
  } catch {
    tell(button, "That was not kept. Try again in a moment.");
  }
}

function setUpFeedback() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.rate");
    if (!form) return;
    event.preventDefault();
    rate(form, event.submitter);
  });
}

// dress gives an answer what only works with this script.
function dress(place) {
  place.querySelectorAll("a.copy").forEach(copyButton);
  if (beside) place.querySelectorAll("a[data-passage]").forEach((link) => link.setAttribute("aria-expanded", "false"));
}

/* --- the page of a document --- */

// findParagraph goes to the part of a long document that has the paragraph in the
// address, which only the browser knows of.
function findParagraph() {
  const number = /^#p(\d+)$/.exec(location.hash)?.[1];
  const address = new URL(location.href);
  if (!number || document.getElementById(`p${number}`) || address.searchParams.has("p")) return;
  address.searchParams.set("p", number);
  location.replace(address);
}

// The number of a paragraph is its link; a click also copies it.
function setUpParagraphs() {
  const reading = document.querySelector(".reading");
  if (!reading) return;
  findParagraph();
  reading.addEventListener("click", async (event) => {
    const link = event.target.closest("a.pilcrow");
    if (!link) return;
    if (await copy(Promise.resolve(link.href), () => {})) say("The link was copied.");
  });
}

setUpAsking();
setUpPassages();
setUpFeedback();
setUpParagraphs();
document.querySelectorAll(".answer").forEach(dress);
