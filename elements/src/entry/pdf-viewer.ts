/**
 * Shows the PDF document at this page's own address: pages one below the other, zoom, text that can be selected.
 * Browsers do not start their own viewer inside a sandboxed frame, so the server sends this page in its place.
 */
import { getDocument, GlobalWorkerOptions, TextLayer, type PDFDocumentProxy, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";

declare const PDF_WORKER: string;

const ZOOM_STEP = 1.25;
const [LEAST_ZOOM, MOST_ZOOM] = [0.25, 8];
const GAP_PX = 12;

interface Sheet {
  readonly place: HTMLElement;
  readonly page: PDFPageProxy;
  drawnAt: number; // the zoom it was drawn at; 0: not drawn
}

const part = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

class Viewer {
  private sheets: Sheet[] = [];
  private zoom = 1;
  private fits = true; // to the width, until the worker zooms
  private readonly inSight = new IntersectionObserver((entries) => entries.forEach((entry) => this.seen(entry)), { rootMargin: "100%" });

  async open(address: string): Promise<void> {
    const pdf = await getDocument({ url: address }).promise;
    for (let number = 1; number <= pdf.numPages; number += 1) this.add(await pdf.getPage(number), pdf);
    this.listen();
    this.fit();
  }

  private add(page: PDFPageProxy, pdf: PDFDocumentProxy): void {
    const place = Object.assign(document.createElement("section"), { className: "sheet" });
    place.setAttribute("aria-label", `Page ${page.pageNumber} of ${pdf.numPages}`);
    part("pages").append(place);
    this.sheets.push({ place, page, drawnAt: 0 });
  }

  private listen(): void {
    part("before").onclick = () => this.go(this.current - 1);
    part("next").onclick = () => this.go(this.current + 1);
    part("closer").onclick = () => this.scale(this.zoom * ZOOM_STEP);
    part("farther").onclick = () => this.scale(this.zoom / ZOOM_STEP);
    part("fit").onclick = () => this.fit();
    const field = part<HTMLInputElement>("page");
    field.onchange = () => this.go(Number(field.value) - 1);
    part("pages").onscroll = () => this.tell();
    window.addEventListener("resize", () => this.fits && this.fit());
  }

  /** Which page, from 0, has the middle of the view. */
  private get current(): number {
    const middle = part("pages").scrollTop + part("pages").clientHeight / 2;
    const after = this.sheets.findIndex(({ place }) => place.offsetTop > middle);
    return Math.max((after < 0 ? this.sheets.length : after) - 1, 0);
  }

  private go(index: number): void {
    const sheet = this.sheets[Math.min(Math.max(index || 0, 0), this.sheets.length - 1)];
    if (sheet) part("pages").scrollTop = sheet.place.offsetTop - GAP_PX;
    this.tell();
  }

  private fit(): void {
    const widest = Math.max(...this.sheets.map(({ page }) => page.getViewport({ scale: 1 }).width));
    this.scale((part("pages").clientWidth - 2 * GAP_PX) / widest);
    this.fits = true;
  }

  private scale(zoom: number): void {
    const [at, pages] = [this.current, part("pages")];
    const within = this.sheets[at] ? (pages.scrollTop - this.sheets[at].place.offsetTop) / Math.max(this.sheets[at].place.offsetHeight, 1) : 0;
    this.zoom = Math.min(Math.max(zoom, LEAST_ZOOM), MOST_ZOOM);
    this.fits = false;
    for (const { place, page } of this.sheets) {
      const { width, height } = page.getViewport({ scale: this.zoom });
      place.style.cssText = `width:${width}px;height:${height}px;--total-scale-factor:${this.zoom};--scale-factor:${this.zoom}`;
      this.inSight.unobserve(place);
      this.inSight.observe(place);
    }
    const place = this.sheets[at]?.place;
    if (place) pages.scrollTop = place.offsetTop + within * place.offsetHeight;
    this.tell();
  }

  private tell(): void {
    part<HTMLInputElement>("page").value = `${this.current + 1}`;
    part("count").textContent = `of ${this.sheets.length}`;
    part("zoom").textContent = `${Math.round(this.zoom * 100)} %`;
  }

  private seen({ isIntersecting, target }: IntersectionObserverEntry): void {
    const sheet = this.sheets.find(({ place }) => place === target);
    if (isIntersecting && sheet && sheet.drawnAt !== this.zoom) void this.draw(sheet);
  }

  private async draw(sheet: Sheet): Promise<void> {
    const zoom = (sheet.drawnAt = this.zoom);
    const viewport = sheet.page.getViewport({ scale: zoom });
    const canvas = document.createElement("canvas");
    const dense = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.floor(viewport.width * dense), Math.floor(viewport.height * dense)];
    await sheet.page.render({ canvas, viewport, ...(dense === 1 ? {} : { transform: [dense, 0, 0, dense, 0, 0] }) }).promise;
    const words = Object.assign(document.createElement("div"), { className: "textLayer" });
    await new TextLayer({ textContentSource: sheet.page.streamTextContent(), container: words, viewport }).render();
    if (sheet.drawnAt === zoom) sheet.place.replaceChildren(canvas, words);
  }
}

GlobalWorkerOptions.workerSrc = new URL(PDF_WORKER, import.meta.url).href;
new Viewer().open(location.href).catch((problem: unknown) => {
  const note = Object.assign(document.createElement("p"), { textContent: `This document cannot be shown: ${(problem as Error).message}` });
  note.setAttribute("role", "alert");
  part("pages").replaceChildren(note);
});
