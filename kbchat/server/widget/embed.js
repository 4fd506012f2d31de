// The chat widget of kbchat: one <script> tag, no framework, no cookie, no storage, nothing but text put into the page.
//
//   <script src="https://kb.example/embed.js" data-assistant="medication" data-lang="zh"
//           data-token-url="/portal/kbchat-token" defer></script>
//
// data-assistant, data-bases (by commas), data-lang (zh, en), data-title, data-save (keep conversations)
// data-token        a host token (used up by the first request)
// data-token-url    where this site gives host tokens to its signed-in users: text, or JSON with "token"
// window.kbchatToken = async () => "…"   the same as a function
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(".", script.src).href;
  const paged = script.dataset.mode === "page";
  const query = new URLSearchParams(paged ? location.search : "");
  const option = (name) => query.get(name) || script.dataset[name] || "";
  const spoken = option("lang") || document.documentElement.lang || navigator.language || "en";
  const lang = spoken.toLowerCase().startsWith("zh") ? "zh" : "en";
  const SAID = {
    zh: {
      open: "打开用药问答", close: "关闭", title: "用药问答", ask: "请输入问题", send: "发送", stop: "停止", fresh: "新对话",
      hello: "您好！请提出与药品或诊疗相关的问题，回答均附原文出处。请勿输入姓名、证件号等个人信息。",
      source: "出处", back: "返回", page: "第 {n} 页", old: "该版本已被更新或停用。", loading: "正在加载…",
      flagged: "部分内容未能在原文中得到证实，请谨慎参考。", stopped: "（已停止）", you: "您", bot: "回答",
      failed: "无法连接到服务，请稍后重试。", picture: "原文页面，引文已标出", log: "对话",
    },
    en: {
      open: "Open questions and answers", close: "Close", title: "Ask about medicines", ask: "Your question", send: "Send",
      stop: "Stop", fresh: "New conversation",
      hello: "Ask about medicines or guidelines; every answer names its source. Please enter no names or numbers of persons.",
      source: "Source", back: "Back", page: "page {n}", old: "This edition has been replaced or retired.", loading: "Loading…",
      flagged: "Some of this could not be found in the sources; take care.", stopped: "(stopped)", you: "You", bot: "Answer",
      failed: "The service cannot be reached. Please try again later.", picture: "Page of the source, the quote is marked",
      log: "Conversation",
    },
  };
  const say = (key, n) => SAID[lang][key].replace("{n}", n);
  const STYLE = `
:host{all:initial;--fg:#1d2733;--bg:#fff;--soft:#f1f4f8;--line:#d5dce5;--main:#0b5cad;--on:#fff;--warn:#8a4b00;--bad:#b3261e;
font:15px/1.55 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color-scheme:light dark}
@media (prefers-color-scheme:dark){:host{--fg:#e6eaf0;--bg:#161b22;--soft:#222a35;--line:#3a4553;--main:#6cb0ff;--on:#08192c;
--warn:#ffb866;--bad:#ff8a80}}
*{box-sizing:border-box}[hidden]{display:none!important}
button,textarea{font:inherit;color:inherit}button{cursor:pointer}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.launch{position:fixed;right:20px;bottom:20px;z-index:2147483000;width:56px;height:56px;border:0;border-radius:50%;
background:var(--main);color:var(--on);box-shadow:0 4px 16px #0005}
.launch svg{width:28px;height:28px;display:block;margin:auto}
.panel{position:fixed;right:20px;bottom:88px;z-index:2147483000;width:min(420px,calc(100vw - 40px));
height:min(640px,calc(100vh - 108px));display:flex;flex-direction:column;background:var(--bg);color:var(--fg);
border:1px solid var(--line);border-radius:12px;box-shadow:0 8px 32px #0004;overflow:hidden}
.paged .panel{position:static;width:100%;height:100vh;border:0;border-radius:0;box-shadow:none}
header{display:flex;align-items:center;gap:8px;padding:8px 12px;border-bottom:1px solid var(--line)}
h2{flex:1;margin:0;font-size:16px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
header button,.back{border:1px solid var(--line);border-radius:8px;background:var(--bg);padding:4px 10px}
.log,.view{flex:1;overflow:auto;padding:12px;overflow-wrap:anywhere}
.turn{margin:0 0 12px;padding:8px 12px;border-radius:10px;background:var(--soft)}
.mine{background:var(--main);color:var(--on);margin-left:32px;white-space:pre-wrap}
.turn p{margin:0 0 6px}.turn ul{margin:0 0 6px;padding-left:20px}
.emergency{border-left:4px solid var(--bad)}.note{font-size:13px;color:var(--warn)}.foot,.busy{font-size:13px;opacity:.8}
.error{color:var(--bad)}
.cite{border:0;border-radius:4px;background:none;color:var(--main);padding:0 2px;text-decoration:underline;font-size:.9em}
form{display:flex;gap:8px;padding:10px 12px;border-top:1px solid var(--line)}
textarea{flex:1;resize:none;min-height:42px;max-height:120px;padding:8px;border:1px solid var(--line);border-radius:8px;
background:var(--bg)}
form button{border:0;border-radius:8px;background:var(--main);color:var(--on);padding:0 16px}
blockquote{margin:8px 0;padding:8px 10px;background:var(--soft);white-space:pre-wrap}
mark{background:#ffe066;color:#000}canvas{width:100%;height:auto;border:1px solid var(--line);background:#fff}
.name{font-weight:600;margin:8px 0 2px}.where{margin:0 0 6px;font-size:13px}
.hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (max-width:480px){.panel{right:0;bottom:0;width:100vw;height:100dvh;border-radius:0;border:0}
.launch.on{display:none}}`;

  const sheet = (css) => {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  };
  // An element with attributes and children; text only ever becomes a text node.
  const make = (name, given = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value != null) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };

  // -- who asks --------------------------------------------------------------------------------------------------
  let session = "";
  let given = option("token");
  let fromParent = null;
  if (paged) {
    const held = new URLSearchParams(location.hash.slice(1)).get("token");
    if (held) {
      given = held;
      history.replaceState(null, "", location.pathname + location.search);
    }
    if (window.parent !== window) {
      addEventListener("message", (event) => {
        if (event.source !== window.parent || event.data?.type !== "kbchat:token") return;
        given = String(event.data.token);
        fromParent?.();
      });
      window.parent.postMessage({ type: "kbchat:ready" }, "*");
    }
  }
  const hostToken = async () => {
    if (given) {
      const token = given;
      given = "";
      return token;
    }
    if (typeof window.kbchatToken === "function") return window.kbchatToken();
    if (!paged && script.dataset.tokenUrl) {
      const reply = await fetch(script.dataset.tokenUrl, { credentials: "same-origin" });
      if (!reply.ok) return "";
      const text = (await reply.text()).trim();
      return text.startsWith("{") ? JSON.parse(text).token : text;
    }
    if (paged && session && window.parent !== window) {
      const wait = new Promise((done) => {
        fromParent = done;
        setTimeout(done, 5000);
      });
      window.parent.postMessage({ type: "kbchat:renew" }, "*");
      await wait;
      const token = given;
      given = "";
      return token;
    }
    return "";
  };
  const headers = (token) => {
    const sent = { "Accept-Language": lang, "X-Kbchat-Client": "widget" };
    if (token) sent.Authorization = `Bearer ${token}`;
    return sent;
  };
  const signIn = async () => {
    const token = await hostToken();
    if (!token) return false;
    const reply = await fetch(`${base}api/session`, { method: "POST", headers: headers(token), credentials: "omit" });
    if (!reply.ok) throw await problem(reply);
    session = (await reply.json()).token;
    return true;
  };
  const problem = async (reply) => {
    const told = await reply.json().catch(() => ({}));
    const text = told.error?.message || [told.detail, told.remedy].filter(Boolean).join(" ");
    return Object.assign(new Error(text || say("failed")), { told: true });
  };
  const call = async (path, init = {}) => {
    if (!session) await signIn();
    const once = () =>
      fetch(base + path, { ...init, headers: { ...headers(session), ...init.headers }, credentials: "omit" });
    let reply = await once();
    if (reply.status === 401 && (await signIn())) reply = await once();
    if (!reply.ok) throw await problem(reply);
    return reply;
  };

  // -- the panel -------------------------------------------------------------------------------------------------
  const title = option("title") || say("title");
  const log = make("div", { class: "log", role: "log", "aria-label": say("log"), tabindex: "0" });
  const view = make("div", { class: "view", hidden: true, tabindex: "-1" });
  const status = make("div", { class: "hide", role: "status" });
  const input = make("textarea", { rows: "1", maxlength: "4000", "aria-label": say("ask"), placeholder: say("ask") });
  const send = make("button", { type: "submit" }, say("send"));
  const form = make("form", {}, input, send);
  const fresh = make("button", { type: "button", onclick: () => restart() }, say("fresh"));
  const close = make("button", { type: "button", "aria-label": say("close"), onclick: () => show(false) }, "×");
  const top = make("header", {}, make("h2", { id: "title" }, title), fresh, ...(paged ? [] : [close]));
  const panel = make(
    "section",
    { class: "panel", id: "panel", role: paged ? "main" : "dialog", "aria-labelledby": "title", hidden: !paged },
    top, log, view, status, form,
  );
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("fill", "currentColor");
  shape.setAttribute("d", "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm3 5v2h10V9zm0 4h7v-1.5H7z");
  icon.append(shape);
  const launch = make("button", {
    class: "launch", type: "button", "aria-label": say("open"), "aria-expanded": "false", "aria-controls": "panel",
    onclick: () => show(panel.hidden),
  }, icon);
  const show = (open) => {
    panel.hidden = !open;
    launch.classList.toggle("on", open);
    launch.setAttribute("aria-expanded", String(open));
    (open ? input : launch).focus();
  };
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (!view.hidden) leaveSource();
    else if (!paged) show(false);
  });

  // -- talking ---------------------------------------------------------------------------------------------------
  let turns = [];
  let conversation = null;
  let running = null;
  const restart = () => {
    running?.abort();
    turns = [];
    conversation = null;
    leaveSource();
    log.replaceChildren(make("div", { class: "turn" }, say("hello")));
    input.focus();
  };
  const end = () => {
    log.scrollTop = log.scrollHeight;
  };
  // Bold, lists and [n]; everything else is text.
  const inline = (text, citations) => {
    const parts = [];
    for (const part of text.split(/(\*\*[^*\n]+\*\*|\[\d{1,3}\])/)) {
      const number = /^\[(\d+)\]$/.exec(part);
      const cited = number && citations.find((one) => one.number === Number(number[1]));
      if (cited) {
        parts.push(make("button", {
          class: "cite", type: "button", onclick: (event) => openSource(cited, event.currentTarget),
          "aria-label": `${say("source")} ${cited.number}: ${cited.document_title}, ${say("page", cited.page)}`,
        }, part));
      } else if (part.startsWith("**") && part.length > 4) parts.push(make("strong", {}, ...inline(part.slice(2, -2), citations)));
      else if (part) parts.push(part);
    }
    return parts;
  };
  const blocks = (text, citations) => {
    const made = [];
    let list = null;
    for (const line of text.split("\n")) {
      const item = /^\s*[-•]\s+(.*)$/.exec(line);
      if (item) {
        if (!list) made.push((list = make("ul")));
        list.append(make("li", {}, ...inline(item[1], citations)));
      } else {
        list = null;
        if (line.trim()) made.push(make("p", {}, ...inline(line, citations)));
      }
    }
    return made;
  };
  const events = async function* (reply) {
    const reader = reply.body.getReader();
    const decoder = new TextDecoder();
    let held = "";
    for (;;) {
      const { done, value } = await reader.read();
      held += done ? "" : decoder.decode(value, { stream: true });
      const lines = held.split("\n");
      held = lines.pop();
      for (const line of lines) {
        if (line.startsWith("data: ") && line !== "data: [DONE]") yield JSON.parse(line.slice(6));
      }
      if (done) return;
    }
  };
  const ask = async (question) => {
    const answer = make("div", { class: "turn" }, make("span", { class: "busy" }, say("loading")));
    log.append(make("div", { class: "turn mine" }, make("span", { class: "hide" }, `${say("you")}: `), question), answer);
    end();
    running = new AbortController();
    send.textContent = say("stop");
    const own = { progress: true, language: null };
    if (option("save")) own.save = true;
    if (conversation) own.conversation_id = conversation;
    const bases = option("bases").split(",").map((name) => name.trim()).filter(Boolean);
    if (bases.length) own.bases = bases;
    let text = "";
    let about = null;
    try {
      const reply = await call("v1/chat/completions", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          model: option("assistant") || "medication", stream: true, kbchat: own,
          messages: [...turns.slice(-20), { role: "user", content: question }],
        }),
        signal: running.signal,
      });
      for await (const chunk of events(reply)) {
        if (chunk.error) throw Object.assign(new Error(chunk.error.message), { told: true });
        const piece = chunk.choices[0]?.delta?.content;
        if (piece) {
          text += piece;
          answer.replaceChildren(...blocks(text, []));
        } else if (chunk.kbchat?.progress) {
          if (!text) answer.replaceChildren(make("span", { class: "busy" }, `${chunk.kbchat.progress.detail}…`));
        } else if (chunk.kbchat?.outcome) about = chunk.kbchat;
        end();
      }
      finish(answer, text, about);
      turns.push({ role: "user", content: question }, { role: "assistant", content: text });
    } catch (error) {
      const stopped = error.name === "AbortError";
      const said = stopped ? say("stopped") : error.told ? error.message : say("failed");
      answer.replaceChildren(...blocks(text, []), make("p", { class: stopped ? "foot" : "error" }, said));
      status.textContent = said;
    }
    running = null;
    send.textContent = say("send");
    end();
  };
  const finish = (answer, text, about) => {
    const citations = about?.citations ?? [];
    answer.replaceChildren(make("span", { class: "hide" }, `${say("bot")}: `), ...blocks(text, citations));
    if (!about) return;
    conversation = about.conversation_id ?? conversation;
    if (about.outcome === "emergency") answer.classList.add("emergency");
    const checks = about.checks ?? {};
    if (checks.unsupported_sentences?.length || checks.unsupported_quantities?.length) {
      answer.append(make("p", { class: "note" }, say("flagged")));
    }
    if (about.footer) answer.append(make("p", { class: "foot" }, about.footer));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running) {
      running.abort();
      return;
    }
    const question = input.value.trim();
    if (!question) return;
    input.value = "";
    leaveSource();
    ask(question);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && !running) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  // -- sources ---------------------------------------------------------------------------------------------------
  let opener = null;
  const leaveSource = () => {
    if (view.hidden) return;
    view.hidden = true;
    log.hidden = false;
    view.replaceChildren();
    (opener?.isConnected ? opener : input).focus();
  };
  const openSource = async (cited, from) => {
    opener = from;
    log.hidden = true;
    view.hidden = false;
    const busy = make("p", { class: "busy", role: "status" }, say("loading"));
    view.replaceChildren(make("button", { class: "back", type: "button", onclick: leaveSource }, say("back")), busy);
    view.firstChild.focus();
    try {
      const found = await (await call(cited.source.slice(1))).json();
      const date = found.revision_date ? ` (${found.revision_date})` : "";
      const where = [...found.section_path, say("page", found.page)].join(" › ");
      busy.replaceWith(make("p", { class: "name" }, found.document_title + date), make("p", { class: "where" }, where));
      if (!found.current) view.append(make("p", { class: "note" }, say("old")));
      const near = (text, end) => (end ? text.slice(0, 200) : text.slice(-200));
      const quote = make("blockquote", {}, near(found.text_before), make("mark", {}, found.text_quote), near(found.text_after, true));
      view.append(quote);
      if (found.kind === "picture") await drawPage(cited, quote);
    } catch (error) {
      view.append(make("p", { class: "error", role: "alert" }, error.told ? error.message : say("failed")));
    }
  };
  // On a canvas, which needs no leave of the page's img-src.
  const drawPage = async (cited, after) => {
    const reply = await call(`${cited.picture.slice(1)}&width=900`);
    const bitmap = await createImageBitmap(await reply.blob());
    const canvas = make("canvas", { role: "img", "aria-label": say("picture") });
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    after.after(canvas);
  };

  const root = make("div", { lang: lang === "zh" ? "zh-CN" : "en" });
  const shadow = root.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet(STYLE)];
  shadow.append(make("div", { class: paged ? "paged" : "" }, ...(paged ? [] : [launch]), panel));
  restart();
  const begin = () => document.body.append(root);
  if (paged) document.adoptedStyleSheets = [sheet("body{margin:0}")];
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
