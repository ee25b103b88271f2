import { languages } from '../../model/post.ts';

const names = new Intl.DisplayNames(['en'], { type: 'language' });
const choices = languages
  .map((language) => ({ language, name: names.of(language) ?? language }))
  .sort((one, other) => (one.name < other.name ? -1 : 1));

interface LanguageFieldProps {
  /** `undefined` for English, the API's default. */
  value: string | undefined;
  onInput: (language: string | undefined) => void;
  isDisabled: boolean;
}

/**
 * The choice of the language of a text, in which its people and places are looked for. It is also
 * the language that screen readers read the text in.
 */
export function LanguageField({ value, onInput, isDisabled }: LanguageFieldProps) {
  return (
    <div class="field field-language">
      <label for="field-language">Language</label>
      <select
        id="field-language"
        name="language"
        value={value ?? 'en'}
        disabled={isDisabled}
        onInput={({ currentTarget: { value } }) => onInput(value === 'en' ? undefined : value)}
      >
        {choices.map(({ language, name }) => (
          <option key={language} value={language}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
