import { useState } from 'preact/hooks';

/** Renders a button that copies a text to the clipboard, and says whether it has. */
export function CopyButton({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState<{ text: string; done: boolean }>();
  const copy = async (): Promise<void> => setCopied({ text, done: await copyText(text) });
  return (
    <span class="copy">
      <button type="button" onClick={copy}>
        {label}
      </button>
      <span role="status">
        {copied?.text === text && (copied.done ? 'Copied' : 'Not copied: the browser refused')}
      </span>
    </span>
  );
}

/** Copies a text. Returns whether that was possible. */
async function copyText(text: string): Promise<boolean> {
  // A page without HTTPS at an address other than this machine has no clipboard.
  const copied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  return copied || copySelected(text);
}

function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
