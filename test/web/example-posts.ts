import type { Post } from '../../model/post.ts';

/** Returns the post number `n` of a blog, written in second `n`. */
export function examplePost(n: number, fields: Partial<Post> = {}): Post {
  return {
    id: `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    createdAt: new Date(Date.UTC(2026, 0, 31) + n * 1000).toISOString(),
    author: 'hunter s thompson',
    title: `Title ${n}`,
    body: 'Joe is going to Spain',
    topic: 'summer',
    ...fields,
  };
}

export const entities = { persons: ['Joe'], locations: ['Spain'] };
