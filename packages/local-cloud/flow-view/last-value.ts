import { useRef } from 'preact/hooks';

/** Returns the last value that was present, so that a list stays while the next one loads. */
export function useLastValue<Value>(value: Value | undefined): Value | undefined {
  const last = useRef(value);
  if (value !== undefined) last.current = value;
  return last.current;
}
