/** What an author sends, of which Comprehend finds a person and a place. */
export const examplePost = {
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};
