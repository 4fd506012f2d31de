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

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector(".copy");
  const label = parentElement.querySelector(".label");
  const told = parentElement.querySelector(".told");
  label.textContent = data.label;
  button.onclick = async () => {
    await copy(data.text);
    label.textContent = data.done;
    told.textContent = data.done;
    setTimeout(() => {
      label.textContent = data.label;
      told.textContent = "";
    }, 2000);
  };
}
