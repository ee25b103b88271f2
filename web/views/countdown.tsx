import { useEffect, useState } from 'preact/hooks';

/**
 * Shows the seconds left until a time in milliseconds since the epoch. Hidden from screen readers,
 * which would read it out every second.
 */
export function Countdown({ to }: { to: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="countdown" aria-hidden="true">
      in {Math.max(0, Math.ceil((to - now) / 1000))} s
    </span>
  );
}
