/**
 * Compiles a text to compare others with, whatever their case. Each character of it stands for its
 * lower and its upper case, each by itself: `σ` is not the final `ς`, and `ß` is `SS`. Source:
 * aws/event-ruler, the matcher of EventBridge.
 */
export class CaselessText {
  readonly #characters: [lower: string, upper: string][];

  constructor(text: string) {
    this.#characters = [...text].map((character) => [character.toLowerCase(), character.toUpperCase()]);
  }

  equals(text: string): boolean {
    return this.#end(text) === text.length;
  }

  begins(text: string): boolean {
    return this.#end(text) !== undefined;
  }

  ends(text: string): boolean {
    let end = text.length;
    for (const forms of this.#characters.toReversed()) {
      const form = forms.find((candidate) => text.endsWith(candidate, end));
      if (form === undefined) return false;
      end -= form.length;
    }
    return true;
  }

  /** Returns where the beginning of `text` that equals this text ends. */
  #end(text: string): number | undefined {
    let end = 0;
    for (const forms of this.#characters) {
      const form = forms.find((candidate) => text.startsWith(candidate, end));
      if (form === undefined) return undefined;
      end += form.length;
    }
    return end;
  }
}
