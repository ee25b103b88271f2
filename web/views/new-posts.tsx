import { useEffect, useState } from 'preact/hooks';
import type { Post } from '../../model/post.ts';

/**
 * The time in milliseconds without another new post after which screen readers are told, because
 * they would read out each of a hundred posts.
 */
const pause = 1_000;

/** The button that shows the posts that arrived. It floats, so that it moves nothing. */
export function NewPosts({ waiting, show }: { waiting: readonly Post[]; show: () => void }) {
  const [newest] = waiting;
  const count = waiting.length === 1 ? '1 new post' : `${waiting.length} new posts`;
  const announcement =
    newest && waiting.length === 1 ? `New post: ${newest.title}, by ${newest.author}` : newest && count;
  const [announced, setAnnounced] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setAnnounced(announcement), announcement === undefined ? 0 : pause);
    return () => clearTimeout(timer);
  }, [announcement]);
  return (
    <div class="new-posts">
      <p class="visually-hidden" role="status">
        {announced}
      </p>
      {newest && (
        <button type="button" onClick={show}>
          {count}
        </button>
      )}
    </div>
  );
}
