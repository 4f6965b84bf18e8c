/** PDF documents that a template embeds come in a frame of their own: browsers run no plugin in a sandboxed page. */

const EMBEDDED = "embed[src], object[data]";

/** Replaces what embeds a document, now and whenever scripts bring more. */
export function frameDocuments(page: Document = document): void {
  const replaceAll = (): void => page.querySelectorAll(EMBEDDED).forEach((one) => replace(one));
  new MutationObserver(replaceAll).observe(page, { childList: true, subtree: true, attributes: true, attributeFilter: ["src", "data"] });
  replaceAll();
}

function replace(embedding: Element): void {
  const address = embedding.getAttribute("src") ?? embedding.getAttribute("data") ?? "";
  const isDocument = embedding.getAttribute("type") === "application/pdf" || /\.pdf(?:[?#]|$)/i.test(address);
  if (!isDocument) return;
  const frame = embedding.ownerDocument.createElement("iframe");
  for (const name of ["id", "class", "style", "width", "height", "title"]) {
    const value = embedding.getAttribute(name);
    if (value !== null) frame.setAttribute(name, value);
  }
  frame.title ||= "Document";
  frame.src = address;
  embedding.replaceWith(frame);
}
