import type { FieldError } from '../../model/problem.ts';
import type { Submission } from './use-submission.ts';

interface FieldProps {
  /** The name in the request. Errors whose path begins with it are this field's. */
  name: string;
  label: string;
  value: string;
  onInput: (value: string) => void;
  submission: Submission;
  hint?: string;
  placeholder?: string;
  onClick?: () => void;
  /** The language of the value. */
  lang?: string;
  /** How much the value can still take, if that is little. */
  room?: string | undefined;
  /** The ID of a `datalist` with suggestions. */
  list?: string;
  /** Whether the text may have several lines. */
  multiline?: boolean;
  autoComplete?: 'off' | 'name' | 'email';
}

/** A field of a form with its label and its errors. */
export function Field({
  name,
  label,
  value,
  onInput,
  submission,
  hint,
  placeholder,
  onClick,
  list,
  lang,
  room,
  multiline = false,
  autoComplete = 'off',
}: FieldProps) {
  const errors = submission.status === 'invalid' ? errorsOf(name, submission.errors) : [];
  const shared = {
    id: `field-${name}`,
    name,
    value,
    lang,
    readOnly: submission.status === 'sending',
    'aria-required': true,
    'aria-invalid': errors.length > 0,
    'aria-describedby': [`${name}-errors`, hint && `${name}-hint`, room && `${name}-room`]
      .filter(Boolean)
      .join(' '),
  };
  return (
    <div class={`field field-${name}`}>
      <label for={shared.id}>{label}</label>
      {multiline ? (
        <textarea {...shared} dir="auto" rows={4} onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <input
          {...shared}
          dir="auto"
          placeholder={placeholder}
          onClick={onClick}
          list={list}
          inputMode={autoComplete === 'email' ? 'email' : 'text'}
          autoComplete={autoComplete}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      <p class="error" id={`${name}-errors`}>
        {errors.length > 0 && `${label} ${errors.join(', ')}.`}
      </p>
      {room && (
        <p class="hint" id={`${name}-room`}>
          {room}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Returns the errors of a field, or of its items if it is a list, without repeats. */
function errorsOf(name: string, errors: readonly FieldError[]): string[] {
  const own = errors.filter(({ path }) => path === `/${name}` || path.startsWith(`/${name}/`));
  return [...new Set(own.map(({ message }) => message))];
}
