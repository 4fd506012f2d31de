// What can be done with an answer: copy it with its references, have it made anew, change the question, rate it.

// Copies with the clipboard API where the page is a secure context, else by way of a hidden text area.
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the browser does not let this page copy");
}

function tool(name, sign, label, use) {
  const made = element("button", `tool ${name}`);
  made.type = "button";
  const drawn = element("span", "sign", sign);
  drawn.setAttribute("aria-hidden", "true");
  made.append(drawn, element("span", "label", label));
  made.addEventListener("click", use);
  return made;
}

function copying(words) {
  const told = element("span", "told");
  told.setAttribute("role", "status");
  const made = tool("copy", "content_copy", words.label, async () => {
    await copy(words.text);
    made.lastChild.textContent = words.done;
    told.textContent = words.done;
    setTimeout(() => {
      made.lastChild.textContent = words.label;
      told.textContent = "";
    }, 2000);
  });
  return [made, told];
}

function rated(thumbs, given) {
  for (const thumb of thumbs.children) {
    const chosen = thumb.dataset.verdict === given;
    thumb.setAttribute("aria-pressed", String(chosen));
  }
}

function rating(words, act) {
  const thumbs = element("div", "thumbs");
  thumbs.setAttribute("role", "group");
  thumbs.setAttribute("aria-label", words.label);
  for (const verdict of ["up", "down"]) {
    const thumb = tool(verdict, `thumb_${verdict}`, words[verdict], () => {
      const taken = thumb.getAttribute("aria-pressed") === "true";
      rated(thumbs, taken ? "" : verdict);
      act(taken ? "withdraw" : verdict);
    });
    thumb.title = words[verdict];
    thumb.dataset.verdict = verdict;
    thumbs.append(thumb);
  }
  return thumbs;
}

// Draws the row anew only where what it offers has changed, so that the keyboard stays where it is.
function drawTools(place, tools, act) {
  const offered = tools && JSON.stringify({ ...tools, given: "" });
  if (place.dataset.offered !== String(offered)) {
    place.dataset.offered = String(offered);
    place.replaceChildren();
    if (tools) {
      place.append(...copying(tools.copy));
      if (tools.regenerate) place.append(tool("regenerate", "refresh", tools.regenerate, () => act("regenerate")));
      if (tools.edit) place.append(tool("edit", "edit", tools.edit, () => act("edit")));
      if (tools.rating) place.append(rating(tools.rating, act));
    }
  }
  const thumbs = place.querySelector(".thumbs");
  if (thumbs) rated(thumbs, tools.given);
}
