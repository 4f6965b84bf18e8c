/** The text a worker reads: given as it is, or as the address of a text file, which is fetched. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class SourceText implements ReactiveController {
  text = "";
  private asked = "";

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly given: () => string,
  ) {
    host.addController(this);
  }

  hostUpdate(): void {
    const given = this.given();
    if (given === this.asked) return;
    this.asked = given;
    this.text = given;
    if (/^https?:\/\/\S+$/.test(given.trim())) void this.fetch(given.trim());
  }

  private async fetch(address: string): Promise<void> {
    try {
      const answer = await fetch(address);
      if (!answer.ok || !/text|json/.test(answer.headers.get("content-type") ?? "text")) return;
      const text = await answer.text();
      if (this.asked.trim() === address) this.text = text;
      this.host.requestUpdate();
    } catch {
      /* not a readable file: the address itself stays as the text */
    }
  }
}
