/**
 * Undo and redo.
 *
 * A command does one thing to the document and can take it back exactly. Shapes, drafts and (in other files) mask tiles all
 * bring their own commands; the history knows none of them.
 */
export interface Command {
  /** For the announcement: "Undone: move box". */
  readonly name: string;
  apply(): void;
  revert(): void;
}

export class History {
  #done: Command[] = [];
  #undone: Command[] = [];

  get depth(): number {
    return this.#done.length;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  run(command: Command): void {
    command.apply();
    this.push(command);
  }

  /** Records a command whose effect is already there, such as a brush stroke painted while the pointer moved. */
  push(command: Command): void {
    this.#done.push(command);
    this.#undone = [];
  }

  undo(): Command | null {
    const command = this.#done.pop();
    if (!command) return null;
    command.revert();
    this.#undone.push(command);
    return command;
  }

  redo(): Command | null {
    const command = this.#undone.pop();
    if (!command) return null;
    command.apply();
    this.#done.push(command);
    return command;
  }

  /** Forgets done commands whose effect another command now stands for. The caller answers for their harmlessness. */
  forget(isStale: (command: Command) => boolean): void {
    this.#done = this.#done.filter((command) => !isStale(command));
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}
