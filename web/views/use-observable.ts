import { useEffect, useState } from 'preact/hooks';
import type { Observable } from '../observable.ts';

/** The value of an observable; its changes render the component again. */
export function useObservable<Value>(observable: Observable<Value>): Value {
  const [, render] = useState({});
  useEffect(() => {
    render({});
    return observable.subscribe(() => render({}));
  }, [observable]);
  return observable.value;
}
