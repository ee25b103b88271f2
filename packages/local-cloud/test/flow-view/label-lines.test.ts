import { labelLines } from '../../flow-view/label-lines.ts';

it.each([
  ['client', ['client']],
  ['REST API', ['REST API']],
  ['publish-post-updates', ['publish-post-', 'updates']],
  ['blogPostCreation', ['blogPost', 'Creation']],
  ['relay-announcements', ['relay-', 'announcements']],
  ['a-name-that-does-not-end-so-soon', ['a-name-that-', 'does-not-end…']],
  ['unbreakablelongname', ['unbreakablel…']],
])('breaks %s', (label, lines) => {
  expect(labelLines(label)).toEqual(lines);
});
